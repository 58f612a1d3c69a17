// SPDX-License-Identifier: MIT
#include "runtime/lambda/socket_stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <utility>

#include "runtime/base/io.h"

namespace phork::lambda {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

}  // namespace

ssize_t SocketStream::write(const char* data, std::size_t size) {
  const bool is_head = trace_.bytes_sent == 0 && request_head_.empty();
  if (is_head) {
    request_head_.assign(data, size);
  } else if (!transmit({data, size})) {
    return -1;
  }
  return static_cast<ssize_t>(size);
}

// True also where the server stops taking a request of which it has a part: it may have answered
// early, with 413 to a long body, and that answer is waiting to be read.
bool SocketStream::transmit(std::string_view body) {
  std::string head = std::exchange(request_head_, {});
  std::array<iovec, 2> parts{base::as_iovec(head), base::as_iovec(body)};
  while (base::total_size(parts) > 0) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
    if (sent == -1 && errno == EINTR) continue;
    if (sent == -1) {
      trace_.error = errno;
      trace_.request_cut =
          trace_.bytes_sent > 0 && (trace_.error == EPIPE || trace_.error == ECONNRESET);
      return trace_.request_cut;
    }
    trace_.bytes_sent += static_cast<std::size_t>(sent);
    base::advance(parts, static_cast<std::size_t>(sent));
  }
  return true;
}

ssize_t SocketStream::read(char* data, std::size_t size) {
  if (!request_head_.empty() && !transmit({})) return -1;
  if (const auto work = std::exchange(when_sent_, nullptr)) work();
  if (unread_.empty()) {
    if (wake_ && trace_.bytes_received == 0 && !await_response()) return -1;
    const ssize_t received = receive();
    if (received <= 0) return received;
  }
  const std::size_t taken = std::min(size, unread_.size());
  std::memcpy(data, unread_.data(), taken);
  unread_.remove_prefix(taken);
  return static_cast<ssize_t>(taken);
}

// Asks the socket first: a response that has come is worth more than an interruption.
bool SocketStream::await_response() {
  std::array<pollfd, 2> descriptors{pollfd{socket_, POLLIN, 0}, pollfd{*wake_, POLLIN, 0}};
  base::poll_until(descriptors, base::kNoDeadline);
  trace_.interrupted = descriptors[0].revents == 0;
  return !trace_.interrupted;
}

ssize_t SocketStream::receive() {
  ssize_t received = 0;
  do {
    received = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
  } while (received == -1 && errno == EINTR);
  if (received == 0) trace_.closed = true;
  if (received == -1) trace_.error = errno;
  if (received <= 0) return received;

  trace_.bytes_received += static_cast<std::size_t>(received);
  unread_ = {buffer_.data(), static_cast<std::size_t>(received)};
  if (head_end_matched_ < kHeadEnd.size()) unread_ = take_head(unread_);
  return received;
}

// httplib 0.11 decodes %XX in the value of every header (parse_header), which would alter request
// ids and the JSON of a client context. Escaping the sign itself undoes that.
std::string_view SocketStream::take_head(std::string_view received) {
  const auto head_size = received.find(kHeadEnd);
  const bool whole = head_end_matched_ == 0 && head_size != std::string_view::npos;
  if (whole && received.substr(0, head_size).find('%') == std::string_view::npos) {
    head_end_matched_ = kHeadEnd.size();
    return received;  // the usual case, without a copy
  }
  response_head_.clear();
  std::size_t at = 0;
  for (; at < received.size() && head_end_matched_ < kHeadEnd.size(); ++at) {
    const char c = received[at];
    if (c == kHeadEnd[head_end_matched_]) {
      ++head_end_matched_;
    } else {
      head_end_matched_ = c == kHeadEnd[0] ? 1 : 0;
    }
    response_head_.push_back(c);
    if (c == '%') response_head_.append("25");
  }
  return response_head_.append(received.substr(at));
}

void SocketStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void SocketStream::get_local_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

}  // namespace phork::lambda
