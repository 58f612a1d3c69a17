// SPDX-License-Identifier: MIT
#include "runtime/lambda/api_connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include "runtime/lambda/cut_stream.h"

namespace phork::lambda {
namespace {

using base::Error;
using base::ErrorKind;
using namespace std::chrono_literals;

constexpr auto kConnectTimeout = 5s;  // of each address; the API is on the same machine

constexpr auto kLongestSilence = 1s;  // until read_reply() looks around

constexpr const char* kInterrupted = "interrupted";

// About a second in all.
constexpr unsigned kMostRests = 1000;

// Less room is not worth a system call.
constexpr std::size_t kLeastSpace = 4096;

void set_timeout(int socket, int option, std::chrono::milliseconds timeout) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timeval value{seconds.count(), std::chrono::microseconds(timeout - seconds).count()};
  ::setsockopt(socket, SOL_SOCKET, option, &value, sizeof value);
}

// Zero or the errno of the failure.
int connect_to(const addrinfo& address, std::chrono::milliseconds timeout, base::Fd& connected) {
  base::Fd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return errno;
  // A request and its reply are one message each, so there is nothing to wait for with either.
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  set_timeout(fd.get(), SO_SNDTIMEO, kConnectTimeout);  // Linux applies it to connect, too
  while (::connect(fd.get(), address.ai_addr, address.ai_addrlen) == -1) {
    if (errno != EINTR) return errno == EINPROGRESS ? ETIMEDOUT : errno;
  }
  set_timeout(fd.get(), SO_SNDTIMEO, timeout);
  set_timeout(fd.get(), SO_RCVTIMEO, std::min<std::chrono::milliseconds>(timeout, kLongestSilence));
  connected = std::move(fd);
  return 0;
}

bool is_closed_by_peer(int code) {
  return code == EPIPE || code == ECONNRESET;
}

// The function closed the descriptor; the number may be another file's by now.
bool is_not_ours(int code) {
  return code == EBADF || code == ENOTSOCK;
}

}  // namespace

ApiConnection::ApiConnection(const Endpoint& endpoint, ConnectionOptions options)
    : endpoint_(endpoint), address_(endpoint.text()), options_(std::move(options)) {}

ApiConnection::~ApiConnection() = default;

base::Result<Reply> ApiConnection::get(const std::string& path, std::string_view header_lines) {
  give_up_stream();
  prepare("get", ReplyParser::Body::kNeeded);
  return exchange(head_of("GET", path, header_lines) + "\r\n", "");
}

base::Status ApiConnection::ask(const std::string& path, std::string_view header_lines) {
  give_up_stream();
  const std::string head = head_of("GET", path, header_lines) + "\r\n";
  for (;;) {
    prepare("get", ReplyParser::Body::kNeeded);
    was_kept_ = socket_.valid();
    std::array<iovec, 1> parts{base::as_iovec(head)};
    if (connect() && send(parts)) return base::ok_status();
    disconnect();
    if (!was_kept_ || !is_broken_) return *failure_;
  }
}

base::Result<std::optional<Reply>> ApiConnection::collect() {
  // libuv makes what it watches non-blocking; the rest of the reply may still be on its way.
  int off = 0;
  ::ioctl(socket_.get(), FIONBIO, &off);
  if (read_reply()) return std::optional(take_reply());
  disconnect();
  if (was_kept_ && is_broken_ && buffer_.bytes().empty()) return std::optional<Reply>();
  return *failure_;
}

base::Result<Reply> ApiConnection::post(const std::string& path, std::string_view header_lines,
                                        std::string_view body) {
  give_up_stream();
  prepare("post", ReplyParser::Body::kOptional);
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  return exchange(head_of("POST", path, header_lines) + length, body);
}

std::string ApiConnection::head_of(const char* method, const std::string& path,
                                   std::string_view lines) const {
  std::string head(method);
  head.append(" ").append(path).append(" HTTP/1.1\r\nHost: ").append(address_);
  head.append("\r\nUser-Agent: ").append(options_.user_agent).append("\r\n");
  return head.append(lines);
}

void ApiConnection::prepare(const char* action, ReplyParser::Body body) {
  action_ = action;
  is_patient_ = body == ReplyParser::Body::kNeeded;
  has_sent_ = is_cut_ = is_broken_ = false;
  failure_.reset();
  rests_ = 0;
  if (mark_ != nullptr) mark_end(*mark_);
  parser_ = ReplyParser(body);
  buffer_.clear();
}

base::Result<Reply> ApiConnection::exchange(std::string_view head, std::string_view body) {
  bool may_repeat = true;
  for (;;) {
    const bool is_kept = socket_.valid();
    std::array<iovec, 2> parts{base::as_iovec(head), base::as_iovec(body)};
    const bool done = may_begin() && connect() && may_wait() && send(parts) && read_reply();
    waiting_ = -1;
    Reply reply;
    if (done) {
      reply = take_reply();
      reply.repeated = !may_repeat;
    } else {
      disconnect();
    }
    // Other bytes stood before the request, and the API took both for one.
    const bool misread = done && reply.status == 400 && !reply.keeps_connection;
    const bool broken = !done && is_broken_ && buffer_.bytes().empty();
    if (!is_kept || !may_repeat || !(misread || broken)) {
      return done ? base::Result<Reply>(reply) : *failure_;
    }
    may_repeat = false;
    prepare(action_, is_patient_ ? ReplyParser::Body::kNeeded : ReplyParser::Body::kOptional);
  }
}

Reply ApiConnection::take_reply() {
  const Reply reply = parser_.reply(buffer_.bytes());
  if (is_cut_ || !reply.keeps_connection) disconnect();
  return reply;
}

bool ApiConnection::connect() {
  if (socket_.valid()) return true;
  has_reconnected_ = true;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(endpoint_.port);
  const int code = ::getaddrinfo(endpoint_.host.c_str(), port.c_str(), &hints, &found);
  if (code != 0) {
    return fail(ErrorKind::kDisconnected, std::string("cannot connect: ") + ::gai_strerror(code));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  int error = 0;
  for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next) {
    error = connect_to(*at, options_.timeout, socket_);
    if (error == 0) return true;
  }
  return fail(ErrorKind::kDisconnected,
              "cannot connect: " + std::generic_category().message(error));
}

// True also where the API stops taking a request of which it has a part: it may have answered
// early, with 413 to a long body, and that answer is waiting to be read.
bool ApiConnection::send(std::span<iovec> parts) {
  while (base::total_size(parts) > 0) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (sent >= 0) {
      has_sent_ = true;
      base::advance(parts, static_cast<std::size_t>(sent));
    } else if (has_sent_ && is_closed_by_peer(errno)) {
      is_cut_ = true;
      return true;
    } else if (errno != EINTR) {
      return fail(errno);
    }
  }
  return true;
}

bool ApiConnection::may_begin() {
  return !is_patient_ || !interrupted_ || fail(ErrorKind::kStopped, kInterrupted);
}

// interrupt() looks at `waiting_` after it has set its flag, and this at the flag after `waiting_`.
bool ApiConnection::may_wait() {
  if (is_patient_) waiting_ = socket_.get();
  return may_begin();
}

// The kernel shows the end of an interrupted connection although bytes may still come: those of a
// reply that had begun to.
bool ApiConnection::await_rest() {
  if (!is_patient_ || !interrupted_) return false;
  if (buffer_.bytes().empty()) return fail(ErrorKind::kStopped, kInterrupted);
  std::this_thread::sleep_for(1ms);
  return ++rests_ < kMostRests;
}

bool ApiConnection::may_be_silent(int code, unsigned& silences) {
  if (code != EAGAIN) return false;
  // A frozen environment is in no hurry.
  if (is_patient_ && buffer_.bytes().empty()) {
    return !gone_ || !gone_() || fail(ErrorKind::kStopped, "nobody supervises this process");
  }
  return ++silences * kLongestSilence < options_.timeout;
}

bool ApiConnection::read_reply() {
  using enum ReplyParser::State;
  unsigned silences = 0;
  while (parser_.state() == kHead || parser_.state() == kBody) {
    const ssize_t got = receive(0);
    if (got > 0) silences = 0;
    if (got > 0 || (got == -1 && (errno == EINTR || may_be_silent(errno, silences)))) continue;
    if (got == 0) {
      if (await_rest()) continue;
      if (failure_) return false;
      if (parser_.finish(buffer_.bytes()) == kWhole) break;
      is_broken_ = true;
      return fail(ErrorKind::kDisconnected,
                  "the connection was closed before the response was complete");
    }
    return fail(errno);
  }
  return parser_.state() == kWhole || fail(ErrorKind::kDisconnected, parser_.error());
}

// One recv(2), or two for the end of a long reply: all but the last byte in a single call, then
// that one, with room behind it, so that bytes show which nobody asked for.
ssize_t ApiConnection::receive(int flags) {
  const std::size_t have = buffer_.bytes().size();
  const std::size_t missing = parser_.needed_bytes() > have ? parser_.needed_bytes() - have : 0;
  std::span<char> space = buffer_.space(missing + kLeastSpace);
  if (missing > ReceiveBuffer::kUsualBytes) {
    space = space.first(missing - 1);
    flags |= MSG_WAITALL;
  }
  const ssize_t got = ::recv(socket_.get(), space.data(), space.size(), flags);
  if (got <= 0) return got;
  buffer_.commit(static_cast<std::size_t>(got));
  parser_.parse(buffer_.bytes());
  return got;
}

// Others may hold the descriptor, too; they find the connection ended.
void ApiConnection::disconnect() {
  if (!socket_.valid()) return;
  ::shutdown(socket_.get(), SHUT_RDWR);
  socket_.reset();
}

void ApiConnection::adopt(base::Fd socket) {
  give_up_stream();
  socket_ = std::move(socket);
  has_reconnected_ = !socket_.valid();
}

void ApiConnection::reopen(bool ends) {
  if (ends) disconnect();
  socket_.reset();
  prepare("connect", ReplyParser::Body::kOptional);
  connect();
  has_reconnected_ = false;
}

void ApiConnection::interrupt() {
  interrupted_ = true;
  if (const int socket = waiting_.exchange(-1); socket != -1) ::shutdown(socket, SHUT_RD);
}

// The first reason is the one that is kept.
bool ApiConnection::fail(ErrorKind kind, const std::string& reason) {
  if (!failure_) failure_ = error(kind, reason);
  return false;
}

// A system call on the socket failed.
bool ApiConnection::fail(int code) {
  if (code == EAGAIN) {
    const std::string limit = std::to_string(options_.timeout.count()) + " ms";
    return fail(ErrorKind::kDisconnected, "no response for " + limit);
  }
  if (is_not_ours(code)) static_cast<void>(socket_.release());
  is_broken_ = true;
  return fail(ErrorKind::kDisconnected, std::generic_category().message(code));
}

Error ApiConnection::error(ErrorKind kind, const std::string& reason) const {
  return {kind, std::string("lambda: ") + action_ + " '" + address_ + "': " + reason};
}

}  // namespace phork::lambda
