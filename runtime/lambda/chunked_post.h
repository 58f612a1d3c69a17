// SPDX-License-Identifier: MIT
//
// One POST whose body is sent in chunks while it is being made, with trailers behind it if need be,
// on a connected socket; cpp-httplib 0.11 can do neither. Borrows the socket, never closes it, and
// never raises SIGPIPE. One thread. The first failure is remembered and returned by all later
// writes; the connection can be used again only if keeps_connection().
// https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <sys/uio.h>

#include "runtime/base/io.h"
#include "runtime/base/result.h"
#include "runtime/lambda/reply_reader.h"

namespace phork::lambda {

class ChunkedPost {
 public:
  struct Options {
    std::string error_prefix;           // prefix of error messages
    std::chrono::milliseconds timeout;  // idle timeout without a deadline
  };

  // `head` with its blank line. It leaves together with the first chunk.
  ChunkedPost(int socket, std::string head, Options options)
      : socket_(socket), unsent_(std::move(head)), options_(std::move(options)) {}

  // One chunk, in one system call where the socket has room; no bytes, no chunk.
  // kTimeout: the rest of the chunk was kept, for end() to send; nothing further is taken.
  // kRefused: the server answered before the end; end() returns that answer.
  // kDisconnected: the server is gone.
  base::Status write(std::string_view bytes, base::Deadline deadline);

  // Ends the body and waits for the response. `trailers` are whole lines, or nothing. The error is
  // kDisconnected. Once.
  base::Result<Reply> end(std::string_view trailers);

  // After end(): request and response were complete, and the server keeps the connection, too.
  bool keeps_connection() const;

 private:
  bool send(std::span<iovec> pieces, base::Deadline deadline);
  bool await_room(std::span<const iovec> pieces, base::Deadline deadline);
  bool look();
  bool read_reply();
  ssize_t receive();
  bool fail(base::ErrorKind kind, const std::string& reason);
  bool fail(int code);

  const int socket_;
  std::string unsent_;  // the head, or what a write had to leave behind
  const Options options_;
  bool has_sent_ = false;
  bool is_ended_ = false;
  ReplyReader reader_;
  std::optional<base::Error> failure_;
};

}  // namespace phork::lambda
