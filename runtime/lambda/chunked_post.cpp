// SPDX-License-Identifier: MIT
#include "runtime/lambda/chunked_post.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <sys/socket.h>
#include <system_error>

#include "runtime/base/io.h"

namespace phork::lambda {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::string_view kLineEnd = "\r\n";

// The line before the bytes of a chunk: their number in hexadecimal.
class SizeLine {
 public:
  explicit SizeLine(std::size_t bytes) {
    char* end = std::to_chars(text_.data(), text_.data() + text_.size(), bytes, 16).ptr;
    end += kLineEnd.copy(end, kLineEnd.size());
    size_ = static_cast<std::size_t>(end - text_.data());
  }

  std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 2 * sizeof(std::size_t) + kLineEnd.size()> text_{};
  std::size_t size_ = 0;
};

std::string joined(std::span<const iovec> pieces) {
  std::string bytes;
  bytes.reserve(base::total_size(pieces));
  for (const iovec& piece : pieces) {
    bytes.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return bytes;
}

}  // namespace

base::Status ChunkedPost::write(std::string_view bytes, base::Deadline deadline) {
  if (failure_) return *failure_;
  if (bytes.empty()) return base::ok_status();  // a chunk of no bytes would be the last
  const SizeLine size(bytes.size());
  std::array<iovec, 4> pieces{base::as_iovec(unsent_), base::as_iovec(size.text()),
                              base::as_iovec(bytes), base::as_iovec(kLineEnd)};
  if (!send(pieces, deadline)) return *failure_;
  return base::ok_status();
}

base::Result<Reply> ChunkedPost::end(std::string_view trailers) {
  if (failure_ && failure_->kind == ErrorKind::kTimeout) failure_.reset();
  if (!failure_) {
    std::array<iovec, 4> pieces{base::as_iovec(unsent_), base::as_iovec("0\r\n"),
                                base::as_iovec(trailers), base::as_iovec(kLineEnd)};
    is_ended_ = send(pieces, std::chrono::steady_clock::now() + options_.timeout) && read_reply();
  }
  if (reader_.state() == ReplyReader::State::kWhole) return reader_.reply();
  return Error{ErrorKind::kDisconnected, failure_->text};
}

bool ChunkedPost::keeps_connection() const {
  return is_ended_ && reader_.reply().keeps_connection;
}

// False: `failure_` says why.
bool ChunkedPost::send(std::span<iovec> pieces, base::Deadline deadline) {
  // A server that hangs up is noticed here and not one write later, when it has reset the
  // connection; one that answers and reads on would not be noticed at all.
  if (has_sent_ && !look()) return false;
  while (base::total_size(pieces) > 0) {
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      has_sent_ = true;
      base::advance(pieces, static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!await_room(pieces, deadline)) return false;
    } else if (errno != EINTR) {
      return fail(errno);
    }
  }
  unsent_.clear();
  return true;
}

bool ChunkedPost::await_room(std::span<const iovec> pieces, base::Deadline deadline) {
  pollfd descriptor{socket_, POLLOUT | POLLIN, 0};
  if (base::poll_until({&descriptor, 1}, deadline) == 0) {
    unsent_ = joined(pieces);
    return fail(ErrorKind::kTimeout, "the answer was not read in time");
  }
  return (descriptor.revents & ~POLLOUT) == 0 || look();
}

// Takes what the server has said by now, without waiting. True: it wants to hear more.
bool ChunkedPost::look() {
  const ssize_t got = receive();
  if (got == -1 && errno == EAGAIN) return true;
  if (got == -1) return fail(errno);
  if (got == 0) return fail(ErrorKind::kDisconnected, "the connection was closed amid the answer");
  if (reader_.state() == ReplyReader::State::kHead) return true;
  return read_reply() && fail(ErrorKind::kRefused, "expected to be heard to the end, got status " +
                                                       std::to_string(reader_.reply().status));
}

bool ChunkedPost::read_reply() {
  using enum ReplyReader::State;
  const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
  while (reader_.state() == kHead || reader_.state() == kBody) {
    if (!base::wait_readable(socket_, deadline)) {
      return fail(ErrorKind::kDisconnected,
                  "no response for " + std::to_string(options_.timeout.count()) + " ms");
    }
    const ssize_t got = receive();
    if (got == 0) {
      return fail(ErrorKind::kDisconnected,
                  "the connection was closed before the response was complete");
    }
    if (got == -1 && errno != EAGAIN) return fail(errno);
  }
  return reader_.state() == kWhole ||
         fail(ErrorKind::kDisconnected, "expected an http response, got something else");
}

ssize_t ChunkedPost::receive() {
  constexpr std::size_t kBytes = 4096;  // the API's responses have 200
  std::array<char, kBytes> bytes{};
  ssize_t got = -1;
  do {
    got = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
  } while (got == -1 && errno == EINTR);
  if (got > 0) reader_.take({bytes.data(), static_cast<std::size_t>(got)});
  return got;
}

// The first reason is the one that is kept.
bool ChunkedPost::fail(ErrorKind kind, const std::string& reason) {
  if (!failure_) failure_ = Error{kind, options_.error_prefix + reason};
  return false;
}

// A server that stops reading may have said why before.
bool ChunkedPost::fail(int code) {
  if (code == EPIPE || code == ECONNRESET) {
    ssize_t got = 0;
    do {
      got = receive();
    } while (got > 0);
  }
  if (reader_.state() == ReplyReader::State::kWhole) {
    return fail(ErrorKind::kRefused, "expected to be heard to the end, got status " +
                                         std::to_string(reader_.reply().status));
  }
  return fail(ErrorKind::kDisconnected, std::generic_category().message(code));
}

}  // namespace phork::lambda
