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
constexpr std::size_t kMostParts = 64;
static_assert(kMostParts <= IOV_MAX);

// The pieces of a request that are yet to be sent.
class Outgoing {
 public:
  explicit Outgoing(const std::vector<std::string_view>& pieces) : pieces_(pieces) {}

  bool all_sent() const { return next_ == pieces_.size(); }

  // Sends what the socket takes now.
  Status send(int socket) {
    while (!all_sent()) {
      std::array<iovec, kMostParts> parts{};
      msghdr header{};
      header.msg_iov = parts.data();
      header.msg_iovlen = fill(parts);
      const ssize_t sent = ::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent >= 0) {
        advance(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        return base::ok_status();
      } else if (errno == EPIPE || errno == ECONNRESET) {
        return Error{ErrorKind::kDisconnected, "strategies: send to php-fpm: it has closed"};
      } else if (errno != EINTR) {
        return base::system_error("strategies: send to php-fpm", errno);
      }
    }
    return base::ok_status();
  }

 private:
  std::size_t fill(std::span<iovec> parts) const {
    const std::size_t count = std::min(parts.size(), pieces_.size() - next_);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view piece = pieces_[next_ + i].substr(i == 0 ? sent_of_next_ : 0);
      // The kernel only reads through these, whatever iovec's type says.
      parts[i] = {const_cast<char*>(piece.data()), piece.size()};
    }
    return count;
  }

  void advance(std::size_t bytes) {
    while (bytes > 0) {
      const std::size_t taken = std::min(bytes, pieces_[next_].size() - sent_of_next_);
      bytes -= taken;
      sent_of_next_ += taken;
      if (sent_of_next_ == pieces_[next_].size()) {
        ++next_;
        sent_of_next_ = 0;
      }
    }
  }

  const std::vector<std::string_view>& pieces_;
  std::size_t next_ = 0;
  std::size_t sent_of_next_ = 0;
};

// The reply as it comes in. STDERR records are passed over: with fcgi.logging off there are none,
// PHP's log goes the way of php-fpm's own (fpm_log.h).
class Incoming {
 public:
  bool complete() const { return complete_; }

  // What follows the reply is left in `bytes`.
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
    const std::size_t room = FpmConnection::kMostBodyBytes - reply_.body.size();
    reply_.body.append(body->substr(0, room));
    return base::ok_status();
  }

  Status take_end(const fastcgi::RequestEnd& end) {
    complete_ = true;
    if (end.protocol_status == fastcgi::ProtocolStatus::kRequestComplete) {
      return response_.finish();
    }
    return Error{ErrorKind::kInvalid,
                 "strategies: hear php-fpm: expected the request to be completed, got status " +
                     std::to_string(static_cast<int>(end.protocol_status))};
  }

  fastcgi::ResponseDecoder decoder_;
  CgiResponseReader response_;
  FpmReply reply_;
  bool complete_ = false;
};

Error gone() {
  return Error{ErrorKind::kDisconnected, "strategies: hear php-fpm: it ended"};
}

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
      return Error{ErrorKind::kTimeout, "strategies: hear php-fpm: no reply before the deadline"};
    }
    if ((polled[0].revents & ~POLLOUT) != 0) {
      const auto got = base::receive_some(socket_.get(), buffer_.data(), buffer_.size());
      if (!got) return got.error();
      std::string_view bytes(buffer_.data(), got.value());
      if (auto taken = incoming.take(bytes); !taken) return taken.error();
      spoiled_ = spoiled_ || !bytes.empty();
    } else if (polled[1].revents != 0) {
      return gone();
    }
  }
}

bool FpmConnection::ended() const {
  if (spoiled_) return true;
  pollfd polled{socket_.get(), POLLIN, 0};
  return base::poll_until({&polled, 1}, std::chrono::steady_clock::now()) > 0;
}

}  // namespace phork::strategies
