// SPDX-License-Identifier: MIT
//
// One client of a web server on loopback. It sends a request whose bytes are ready and reads the
// whole reply with the emulator's reader of HTTP. The connection is kept as long as the server
// keeps it; a new one is part of the time of the call that opens it. TCP_NODELAY; one receive waits
// at most 30 s. One thread. https://www.rfc-editor.org/rfc/rfc9112
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/subjects/subject.h"
#include "emulator/http/message.h"
#include "emulator/http/reader.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/http/message.h"

namespace phork::bench {

// `request` as it goes over the wire. Headers of the connection that the request originally came on
// are left out; Content-Length is that of the body.
std::string request_text(const http::Request& request);

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port) : port_(port) {}

  // `head_only`: the request is a HEAD request, so its reply has no body whatever Content-Length
  // says.
  base::Result<Answer> call(std::string_view request, bool head_only = false);

  // kSystem when no one listens.
  base::Status connect();

 private:
  // A reply's head in the emulator's form: it has the headers and the version of a request.
  struct Head {
    int status = 0;
    emulator::HttpRequest fields;
  };

  base::Result<Answer> read_reply(bool head_only);
  base::Result<Head> read_head();
  base::Result<std::string> read_body(const Head& head);
  base::Result<std::string> read_to_close();
  void close();

  std::uint16_t port_;
  base::Fd socket_;
  std::optional<emulator::HttpInput> input_;  // of the socket, while it is open
};

}  // namespace phork::bench
