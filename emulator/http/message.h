// SPDX-License-Identifier: MIT
//
// HTTP/1.x messages: parsing replies and headers, and writing. Parsing keeps every byte of a header
// value and the order of headers, because events made from requests must show them as sent:
// cpp-httplib 0.11 percent-decodes values, drops empty ones and refuses a target with two '?'. Pure
// functions; a malformed message is an Error. https://www.rfc-editor.org/rfc/rfc9112
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
  bool body_too_large = false;             // longer than HttpHandler::body_limit(), and dropped
  bool body_truncated = false;             // the client closed before the end of the body
  std::string remote_address;

  // The value of the first header of that (lower-case) name, "" when absent.
  std::string_view header(std::string_view name) const;
  // The parts of the target before and after the first '?'; "" when absent.
  std::string_view raw_path() const;
  std::string_view query() const;
  // True if the client wants to use the connection again.
  bool keep_alive() const;
  bool chunked() const;
};

struct HttpReply {
  int status = 200;
  std::vector<event::NameValue> headers;  // without Content-Length and Connection
  std::string body;
  std::string reason{};  // reason phrase; empty: the registered one

  // The value of the first header of that (lower-case) name, in any case; "" when absent.
  std::string_view header(std::string_view name) const;
};

// The status line and header lines up to and with the empty line; header names stay as sent.
base::Result<HttpReply> parse_reply_head(std::string_view head);

// Parses one "name: value" line without its line end; nullopt when it is not a header. The name
// becomes lower case.
std::optional<event::NameValue> parse_header_line(std::string_view line);

// The undecoded value of the first `name=` in a query; nullopt when absent.
std::optional<std::string_view> find_parameter(std::string_view query, std::string_view name);

// Writes the status line and headers of `reply` to `request`, with Content-Length and Connection.
std::string write_reply_head(const HttpReply& reply, const HttpRequest& request);

// How the reader of a body without a length finds its end.
enum class BodyFraming : std::uint8_t {
  kNone,     // there is no body
  kChunked,  // by the last chunk
  kClose,    // by the end of the connection: HTTP/1.0 clients cannot read chunks
};

BodyFraming open_framing(int status, const HttpRequest& request);

// Like write_reply_head(), for a body sent part by part in open_framing().
std::string write_open_reply_head(const HttpReply& reply, const HttpRequest& request);

// Appends `bytes` of a body to `out` in the given framing.
void append_part(std::string& out, BodyFraming framing, std::string_view bytes);

inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// True if a comma-separated header value contains `token` (lower case), in any case.
bool has_token(std::string_view value, std::string_view token);

// True if a reply has a body: not one to HEAD, and not a 204 or 304.
bool sends_body(int status, std::string_view method);

}  // namespace phork::emulator
