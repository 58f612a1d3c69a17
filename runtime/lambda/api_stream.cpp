// SPDX-License-Identifier: MIT
//
// The part of ApiConnection that sends a body in chunks while it is being made, with trailers
// behind it if need be.
// https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <system_error>
#include <utility>

#include "runtime/lambda/api_connection.h"
#include "runtime/lambda/cut_stream.h"

namespace phork::lambda {
namespace {

using base::ErrorKind;

constexpr std::string_view kLineEnd = "\r\n";

std::string joined(std::span<const iovec> parts) {
  std::string bytes;
  bytes.reserve(base::total_size(parts));
  for (const iovec& part : parts) {
    bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
  }
  return bytes;
}

}  // namespace

// The bytes of a stream are not kept, so it cannot be repeated like other requests. It is worth one
// system call to find out beforehand whether the API has closed the connection.
base::Status ApiConnection::begin_stream(const std::string& path, std::string_view header_lines) {
  give_up_stream();
  prepare("stream", ReplyParser::Body::kOptional);
  if (socket_.valid() && !is_quiet()) disconnect();
  if (!connect()) return *failure_;
  unsent_ = head_of("POST", path, header_lines) + "Transfer-Encoding: chunked\r\n\r\n";
  if (mark_ != nullptr) mark_head(*mark_, socket_.get(), unsent_.size());
  is_streaming_ = true;
  return base::ok_status();
}

// No data, no end, no error.
bool ApiConnection::is_quiet() const {
  char byte = 0;
  return ::recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == -1 && errno == EAGAIN;
}

base::Status ApiConnection::write_stream(std::string_view bytes, base::Deadline deadline) {
  if (!is_streaming_) return error(ErrorKind::kInvalid, "written before begun [bug]");
  if (failure_) return *failure_;
  // A chunk of no bytes would be the last.
  while (!bytes.empty()) {
    const std::string_view chunk = bytes.substr(0, kMaxChunkBytes);
    const SizeLine size(chunk.size());
    std::array<iovec, 4> parts{base::as_iovec(unsent_), base::as_iovec(size.text()),
                               base::as_iovec(chunk), base::as_iovec(kLineEnd)};
    if (mark_ != nullptr) mark_chunk(*mark_, chunk.size());
    if (!send_chunk(parts, deadline)) return *failure_;
    bytes.remove_prefix(chunk.size());
  }
  return base::ok_status();
}

base::Result<Reply> ApiConnection::end_stream(std::string_view trailers) {
  if (!is_streaming_) return error(ErrorKind::kInvalid, "ended before begun [bug]");
  is_streaming_ = false;
  if (failure_ && failure_->kind == ErrorKind::kTimeout) failure_.reset();
  bool is_ended = false;
  if (!failure_) {
    std::array<iovec, 4> parts{base::as_iovec(unsent_), base::as_iovec("0\r\n"),
                               base::as_iovec(trailers), base::as_iovec(kLineEnd)};
    // The mark stays at the last chunk, of which a part may be unsent.
    const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
    is_ended = send_chunk(parts, deadline) && read_reply();
  }
  if (mark_ != nullptr) mark_end(*mark_);
  if (!is_ended) is_cut_ = true;
  if (parser_.state() == ReplyParser::State::kWhole) return take_reply();
  disconnect();
  return base::Error{ErrorKind::kDisconnected, failure_->text};
}

// The API waits for the rest of the body, and would take the next request for it.
void ApiConnection::give_up_stream() {
  if (std::exchange(is_streaming_, false)) disconnect();
}

// False: `failure_` says why.
bool ApiConnection::send_chunk(std::span<iovec> parts, base::Deadline deadline) {
  // An API that hangs up is noticed here and not one write later, when it has reset the connection;
  // one that answers and reads on would not be noticed at all.
  if (has_sent_ && !look()) return false;
  while (base::total_size(parts) > 0) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      has_sent_ = true;
      base::advance(parts, static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!await_room(parts, deadline)) return false;
    } else if (errno != EINTR) {
      return fail_stream(errno);
    }
  }
  unsent_.clear();
  return true;
}

bool ApiConnection::await_room(std::span<const iovec> parts, base::Deadline deadline) {
  pollfd descriptor{socket_.get(), POLLOUT | POLLIN, 0};
  if (base::poll_until({&descriptor, 1}, deadline) == 0) {
    unsent_ = joined(parts);
    return fail(ErrorKind::kTimeout, "the answer was not read in time");
  }
  return (descriptor.revents & ~POLLOUT) == 0 || look();
}

// Takes what the API has said by now, without waiting. True: it wants to hear more.
bool ApiConnection::look() {
  ssize_t got = 0;
  do {
    got = receive(MSG_DONTWAIT);
  } while (got == -1 && errno == EINTR);
  if (got == -1 && errno == EAGAIN) return true;
  if (got == -1) return fail_stream(errno);
  if (got == 0) return fail(ErrorKind::kDisconnected, "the connection was closed amid the answer");
  if (parser_.state() == ReplyParser::State::kHead) return true;
  return read_reply() && fail_early();
}

// An API that stops reading may have said why before.
bool ApiConnection::fail_stream(int code) {
  if (code == EPIPE || code == ECONNRESET) {
    while (receive(MSG_DONTWAIT) > 0) continue;
  }
  return parser_.state() == ReplyParser::State::kWhole ? fail_early() : fail(code);
}

bool ApiConnection::fail_early() {
  const int status = parser_.reply(buffer_.bytes()).status;
  return fail(ErrorKind::kRefused,
              "expected to be heard to the end, got status " + std::to_string(status));
}

}  // namespace phork::lambda
