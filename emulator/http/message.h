// SPDX-License-Identifier: MIT
//
// HTTP/1.x messages as bytes. Parsing keeps every byte of a header value and the order of headers:
// cpp-httplib 0.11 percent-decodes values, drops empty ones and refuses a target with two '?',
// which would falsify the events made from requests. Pure functions; a malformed message is an
// Error. https://www.rfc-editor.org/rfc/rfc9112
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"

namespace phork::emulator {

struct HttpRequest {
  std::string method;
  std::string target;  // as sent: path, and '?' with the query
  bool http_1_0 = false;
  std::vector<event::NameValue> headers;  // names in lower case, in the order they came
  std::vector<std::string> sent_names;    // of `headers`, one for one, as the client wrote them
  std::string body;
  std::vector<event::NameValue> trailers;  // of a chunked body
  bool body_too_large = false;  // read and dropped: longer than the server was told to keep
  bool body_truncated = false;  // the client closed in the middle of it
  std::string remote_address;

  // The value of the first header of that (lower-case) name, "" when absent.
  std::string_view header(std::string_view name) const;
  // Before and after the first '?'; "" when absent.
  std::string_view raw_path() const;
  std::string_view query() const;
  // Whether the client wants to use the connection again.
  bool keep_alive() const;
  bool chunked() const;
};

struct HttpReply {
  int status = 200;
  std::vector<event::NameValue> headers;  // without Content-Length and Connection
  std::string body;
  std::string reason{};  // the words behind the status; empty: those registered for it
};

// The request line and header lines up to and with the empty line.
base::Result<HttpRequest> parse_request_head(std::string_view head);

// One "name: value" line without its end; empty when it is none. The name becomes lower case.
std::optional<event::NameValue> parse_header_line(std::string_view line);

// What stands behind the first `name=` of a query, as it was sent; empty where there is none.
std::optional<std::string_view> find_parameter(std::string_view query, std::string_view name);

// Status line and headers for `reply` to `request`, with Content-Length and Connection.
std::string write_reply_head(const HttpReply& reply, const HttpRequest& request);

// How the reader of a body without a length finds its end.
enum class BodyFraming : std::uint8_t {
  kNone,     // there is no body
  kChunked,  // by the last chunk
  kClose,    // by the end of the connection: HTTP/1.0 clients cannot read chunks
};

BodyFraming open_framing(int status, const HttpRequest& request);

// As write_reply_head, for a body that comes part by part in open_framing().
std::string write_open_reply_head(const HttpReply& reply, const HttpRequest& request);

// What goes over the wire for these bytes of a body.
void append_part(std::string& out, BodyFraming framing, std::string_view bytes);

inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// Whether the body of the reply goes over the wire: not for HEAD, 204 and 304.
bool sends_body(int status, std::string_view method);

}  // namespace phork::emulator
