// SPDX-License-Identifier: MIT
#include "strategies/fpm/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <poll.h>
#include <span>
#include <sys/socket.h>
#include <sys/uio.h>

#include "runtime/base/io.h"
#include "runtime/base/socket_io.h"
#include "strategies/fpm/cgi_response.h"

namespace phork::strategies {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using Piece = fastcgi::ResponseDecoder::Piece;

constexpr std::size_t kChunkBytes = 64U << 10;
// Of one sendmsg. The kernel takes IOV_MAX, 1024.
constexpr std::size_t kMaxParts = 64;
static_assert(kMaxParts <= IOV_MAX);

// The rest of a request: the pieces that are not sent yet.
class Outgoing {
 public:
  explicit Outgoing(const std::vector<std::string_view>& pieces) {
    for (const std::string_view text : pieces) parts_.push_back(base::as_iovec(text));
    rest_ = parts_;
  }

  bool all_sent() const { return rest_.empty(); }

  // Sends as much as the socket takes now.
  Status send(int socket) {
    while (!all_sent()) {
      const std::span<iovec> batch = rest_.first(std::min(rest_.size(), kMaxParts));
      msghdr header{};
      header.msg_iov = batch.data();
      header.msg_iovlen = batch.size();
      const ssize_t sent = ::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        base::advance(batch, static_cast<std::size_t>(sent));
        while (!rest_.empty() && rest_.front().iov_len == 0) rest_ = rest_.subspan(1);
      } else if (errno == EAGAIN) {
        return base::ok_status();
      } else if (errno == EPIPE || errno == ECONNRESET) {
        return Error{ErrorKind::kDisconnected, "strategies: send to php-fpm: connection closed"};
      } else if (errno != EINTR) {
        return base::system_error("strategies: send to php-fpm", errno);
      }
    }
    return base::ok_status();
  }

 private:
  std::vector<iovec> parts_;
  std::span<iovec> rest_;  // of parts_
};

// The reply while it comes in. Ignores STDERR records: with fcgi.logging off there are none, as
// PHP's messages come through php-fpm's own log (log.h).
class Incoming {
 public:
  bool complete() const { return complete_; }

  // Leaves the bytes after the reply in `bytes`.
  Status take(std::string_view& bytes) {
    while (!bytes.empty() && !complete_) {
      const auto piece = decoder_.next(bytes);
      if (!piece) return piece.error();
      if (piece->kind == Piece::Kind::kStdout) {
        if (auto taken = take_output(piece->bytes); !taken) return taken;
      } else if (piece->kind == Piece::Kind::kEnd) {
        if (auto ended = take_end(piece->end); !ended) return ended;
      }
    }
    return base::ok_status();
  }

  FpmReply reply() && {
    reply_.status = response_.status();
    reply_.headers = response_.take_headers();
    return std::move(reply_);
  }

 private:
  Status take_output(std::string_view bytes) {
    const auto body = response_.feed(bytes);
    if (!body) return body.error();
    reply_.body_bytes += body->size();
    const std::size_t room = FpmConnection::kMaxBodyBytes - reply_.body.size();
    reply_.body.append(body->substr(0, room));
    return base::ok_status();
  }

  Status take_end(const fastcgi::RequestEnd& end) {
    complete_ = true;
    if (end.protocol_status == fastcgi::ProtocolStatus::kRequestComplete) {
      return response_.finish();
    }
    return Error{ErrorKind::kInvalid,
                 "strategies: read reply of php-fpm: expected a complete request, got status " +
                     std::to_string(static_cast<int>(end.protocol_status))};
  }

  fastcgi::ResponseDecoder decoder_;
  CgiResponseReader response_;
  FpmReply reply_;
  bool complete_ = false;
};

}  // namespace

FpmConnection::FpmConnection(base::Fd socket) : socket_(std::move(socket)), buffer_(kChunkBytes) {}

Result<FpmReply> FpmConnection::exchange(const FpmRequest& request, base::Deadline deadline,
                                         int ends) {
  Outgoing outgoing(request.pieces());
  Incoming incoming;
  for (;;) {
    if (auto sent = outgoing.send(socket_.get()); !sent) return sent.error();
    if (incoming.complete() && outgoing.all_sent()) return std::move(incoming).reply();
    const auto events = static_cast<short>(outgoing.all_sent() ? POLLIN : POLLIN | POLLOUT);
    std::array<pollfd, 2> polled{pollfd{socket_.get(), events, 0}, pollfd{ends, POLLIN, 0}};
    if (base::poll_until(polled, deadline) == 0) {
      return Error{ErrorKind::kTimeout,
                   "strategies: wait for php-fpm: no reply before the deadline"};
    }
    if ((polled[0].revents & ~POLLOUT) != 0) {
      const auto got = base::receive_some(socket_.get(), buffer_.data(), buffer_.size());
      if (!got) return got.error();
      std::string_view bytes(buffer_.data(), got.value());
      if (auto taken = incoming.take(bytes); !taken) return taken.error();
      spoiled_ = spoiled_ || !bytes.empty();
    } else if (polled[1].revents != 0) {
      return Error{ErrorKind::kDisconnected, "strategies: wait for php-fpm: its process ended"};
    }
  }
}

bool FpmConnection::ended() const {
  if (spoiled_) return true;
  pollfd polled{socket_.get(), POLLIN, 0};
  return base::poll_until({&polled, 1}, std::chrono::steady_clock::now()) > 0;
}

}  // namespace phork::strategies
