// SPDX-License-Identifier: MIT
#include "emulator/http/server.h"

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <exception>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace phork::emulator {
namespace {

using base::Error;
using base::ErrorKind;
using base::Fd;

constexpr int kBacklog = 512;
constexpr std::chrono::milliseconds kOutOfResourcesPause{10};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

sockaddr* generic(sockaddr_in& address) {
  return reinterpret_cast<sockaddr*>(&address);  // the form the socket calls ask for
}

void set_option(int socket, int level, int name) {
  const int on = 1;
  ::setsockopt(socket, level, name, &on, sizeof on);
}

}  // namespace

base::Status HttpServer::start(std::uint16_t port) {
  const std::string what = "http: listen on '127.0.0.1:" + std::to_string(port) + "'";
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return base::system_error(what, errno);
  // SO_REUSEADDR for ports in TIME_WAIT; not SO_REUSEPORT, with which two servers would share one.
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR);
  sockaddr_in address = loopback(port);
  socklen_t length = sizeof address;
  if (::bind(socket.get(), generic(address), length) < 0 || ::listen(socket.get(), kBacklog) < 0) {
    Error error = base::system_error(what, errno);
    if (errno == EADDRINUSE || errno == EACCES) error.kind = ErrorKind::kRefused;
    return error;
  }
  if (::getsockname(socket.get(), generic(address), &length) < 0) {
    return base::system_error(what, errno);
  }
  listener_ = std::move(socket);
  port_ = ntohs(address.sin_port);
  const std::lock_guard lock(mutex_);
  stopping_ = false;
  if (!add_thread()) return Error{ErrorKind::kSystem, what + ": no thread for it"};
  return base::ok_status();
}

void HttpServer::stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    // Wakes the threads in accept; closing the descriptor would not.
    if (listener_.valid()) ::shutdown(listener_.get(), SHUT_RDWR);
    for (HttpConnection* connection : open_) connection->shut_down();
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  listener_.reset();
}

void HttpServer::drop_connections() {
  const std::lock_guard lock(mutex_);
  for (HttpConnection* connection : open_) connection->shut_down();
}

// With mutex_ held. False when there may be no more threads, or the machine has none.
bool HttpServer::add_thread() {
  if (threads_.size() > limits_.connections) return false;  // one of them accepts
  try {
    threads_.emplace_back([this] { accept_connections(); });
  } catch (const std::exception&) {  // no thread, or no memory for one
    return false;
  }
  ++waiting_;
  return true;
}

void HttpServer::accept_connections() {
  while (true) {
    Fd socket = accept_one();
    const Place place = take_place(socket.valid());
    if (place == Place::kStopping) return;
    if (socket.valid()) serve(std::move(socket), place);
    const std::lock_guard lock(mutex_);
    ++waiting_;
  }
}

// An invalid descriptor when there is none to accept, or no room for it: then it pauses, as the
// connection still waits and the next try would fail as fast.
Fd HttpServer::accept_one() {
  Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (socket.valid() || errno == ECONNABORTED || errno == EINTR) return socket;
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) evict_idle();
  }
  std::this_thread::sleep_for(kOutOfResourcesPause);
  return socket;
}

// Leaves the waiting threads, and sees to it that one remains, or comes back soon.
HttpServer::Place HttpServer::take_place(bool accepted) {
  const std::lock_guard lock(mutex_);
  --waiting_;
  if (stopping_) return Place::kStopping;
  // A thread that has no connection comes back at once.
  if (!accepted || waiting_ > 0 || add_thread() || evict_idle()) return Place::kServe;
  return Place::kFull;
}

// With mutex_ held. Ends the connection that has waited longest for a request to arrive; false
// without one.
bool HttpServer::evict_idle() {
  while (true) {
    HttpConnection* longest = nullptr;
    std::optional<std::chrono::steady_clock::time_point> since;
    for (HttpConnection* connection : open_) {
      const auto idle_since = connection->idle_since();
      if (!idle_since || (since && *since <= *idle_since)) continue;
      since = idle_since;
      longest = connection;
    }
    if (longest == nullptr) return false;
    if (longest->evict()) return true;  // else a request has arrived meanwhile
  }
}

void HttpServer::serve(Fd socket, Place place) {
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY);
  HttpConnection connection(std::move(socket), "127.0.0.1", limits_.timeouts);
  if (place == Place::kFull) {
    connection.turn_away();
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    open_.push_back(&connection);
  }
  connection.serve(handler_);
  const std::lock_guard lock(mutex_);
  std::erase(open_, &connection);
}

}  // namespace phork::emulator
