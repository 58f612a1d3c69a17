// SPDX-License-Identifier: MIT
//
// An HTTP/1.x client of one server on 127.0.0.1, for benchmarks and tests. Requests leave byte for
// byte as given, and replies keep their headers as sent, which libraries tidy up. Keeps the
// connection while the server does and connects again when it has closed; the caller's time
// includes that. Sends without delay (TCP_NODELAY), waits at most 30 s for more of a reply. One
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/http/message.h"
#include "emulator/http/reader.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class HttpClient {
 public:
  explicit HttpClient(std::uint16_t port) : port_(port) {}

  // Sends `request`, a whole request as bytes, and returns the reply without interim ones (1xx).
  // `method` is the one in `request`: a reply to HEAD has no body whatever its headers say.
  // After an error the next call connects again. kDisconnected: nobody listens, or the server
  // closed in the middle of the reply; kTimeout: it did not send in time; kInvalid: it did not send
  // HTTP/1.
  base::Result<HttpReply> call(std::string_view request, std::string_view method = "GET");

  // Connects ahead of the first call.
  base::Status connect();

 private:
  base::Result<HttpReply> read_reply(std::string_view method);
  base::Result<std::string> read_head();
  base::Error unfinished(const std::string& expected) const;

  const std::uint16_t port_;
  base::Fd socket_;
  std::optional<HttpInput> input_;  // of socket_
};

}  // namespace phork::emulator
