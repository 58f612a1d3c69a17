// SPDX-License-Identifier: MIT
//
// One caller of a web server on loopback: sends a request whose bytes are ready and reads the whole
// reply. The connection is kept as long as the server keeps it and is made anew where it does not,
// which is then a part of what the caller waits for. Without delay (TCP_NODELAY); waits 30 s at
// most. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/subjects/answer.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/http/message.h"

namespace phork::bench {

// `request` as it goes over the wire. What belongs to the connection it came on is left out, the
// length is that of the body.
std::string request_text(const http::Request& request);

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port) : port_(port) {}

  // `head_only`: the reply to a HEAD request, which has no body whatever it says of one.
  base::Result<Answer> call(std::string_view request, bool head_only = false);

  // An error when nobody listens.
  base::Status connect();

 private:
  struct Head {
    int status = 0;
    std::size_t length = 0;
    bool has_length = false;
    bool chunked = false;
    bool close = false;
  };

  base::Result<Answer> read_reply(bool head_only);
  base::Result<Head> read_head();
  base::Status read_chunks(std::string& body);
  base::Result<std::string> read_line();
  base::Result<std::string> read_bytes(std::size_t count);
  base::Status read_more();

  std::uint16_t port_;
  base::Fd socket_;
  std::string buffer_;
  std::size_t position_ = 0;
};

}  // namespace phork::bench
