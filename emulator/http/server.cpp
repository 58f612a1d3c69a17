// SPDX-License-Identifier: MIT
#include "emulator/http/server.h"

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>
#include <utility>

namespace phork::emulator {
namespace {

using base::Error;
using base::ErrorKind;
using base::Fd;

constexpr int kBacklog = 512;
constexpr std::chrono::milliseconds kOutOfDescriptorsPause{10};

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
  add_thread();
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

// With mutex_ held.
void HttpServer::add_thread() {
  ++waiting_;
  threads_.emplace_back([this] { accept_connections(); });
}

void HttpServer::accept_connections() {
  while (true) {
    Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const int error = socket.valid() ? 0 : errno;
    if (!take_place()) return;
    if (error == EMFILE || error == ENFILE) std::this_thread::sleep_for(kOutOfDescriptorsPause);
    if (socket.valid()) serve(std::move(socket));
    const std::lock_guard lock(mutex_);
    ++waiting_;
  }
}

// Leaves the waiting threads, and sees to it that one remains. False when the server is stopping.
bool HttpServer::take_place() {
  const std::lock_guard lock(mutex_);
  --waiting_;
  if (stopping_) return false;
  if (waiting_ == 0) add_thread();
  return true;
}

void HttpServer::serve(Fd socket) {
  set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY);
  HttpConnection connection(std::move(socket), "127.0.0.1");
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
