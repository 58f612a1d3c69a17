// SPDX-License-Identifier: MIT
#include "tests/unit/lambda/servers.h"

#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "runtime/base/result.h"

namespace phork::lambda::testing {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

base::Fd listen_on_loopback(int& port) {
  base::Fd listener(base::check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  base::check(::bind(listener.get(), generic, size), "bind");
  base::check(::listen(listener.get(), 8), "listen");
  base::check(::getsockname(listener.get(), generic, &size), "getsockname");
  port = ntohs(address.sin_port);
  return listener;
}

std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const auto at = head.find(kName);
  if (at == std::string_view::npos) return 0;
  return std::strtoul(head.data() + at + kName.size(), nullptr, 10);
}

}  // namespace

std::string MockApi::Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

MockApi::MockApi() {
  server_.set_tcp_nodelay(true);
  server_.set_keep_alive_max_count(100000);
  server_.new_task_queue = [] { return new httplib::ThreadPool(4); };
  server_.Get("/2018-06-01/runtime/invocation/next",
              [this](const httplib::Request& request, httplib::Response& response) {
                record(request);
                response.status = next_status;
                for (const auto& [name, value] : next_headers) response.set_header(name, value);
                response.set_content(next_body, "application/json");
              });
  server_.Post("/2018-06-01/runtime/.*",
               [this](const httplib::Request& request, httplib::Response& response) {
                 record(request);
                 response.status = post_status;
                 response.set_content(post_body, "application/json");
               });
  port_ = server_.bind_to_any_port("127.0.0.1");
  thread_ = std::thread([this] { server_.listen_after_bind(); });
  while (!server_.is_running()) std::this_thread::yield();
}

MockApi::~MockApi() {
  server_.stop();
  thread_.join();
}

void MockApi::record(const httplib::Request& request) {
  const std::lock_guard<std::mutex> lock(mutex_);
  requests_.push_back({request.method, request.target, request.headers, request.body});
  client_ports_.insert(request.remote_port);
}

std::vector<MockApi::Request> MockApi::requests() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return requests_;
}

MockApi::Request MockApi::last_request() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return requests_.at(requests_.size() - 1);
}

std::size_t MockApi::connections() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return client_ports_.size();
}

bool Connection::receive() {
  std::array<char, 65536> chunk{};
  const ssize_t received = ::recv(socket_.get(), chunk.data(), chunk.size(), 0);
  if (received > 0) received_.append(chunk.data(), static_cast<std::size_t>(received));
  return received > 0;
}

std::string Connection::read_until(const std::function<bool()>& enough) {
  while (!enough()) {
    if (!receive()) return "";
  }
  return std::exchange(received_, "");
}

// A line with its end, or the part that arrived before the client closed.
std::string Connection::take_line() {
  while (received_.find("\r\n") == std::string::npos && receive()) continue;
  const auto end = received_.find("\r\n");
  return take(end == std::string::npos ? received_.size() : end + 2);
}

std::string Connection::take(std::size_t bytes) {
  while (received_.size() < bytes && receive()) continue;
  std::string taken = received_.substr(0, bytes);
  received_.erase(0, taken.size());
  return taken;
}

ChunkedRequest Connection::read_chunked() {
  ChunkedRequest request;
  while (!request.head.ends_with(kHeadEnd)) {
    const std::string line = take_line();
    if (line.empty()) return request;
    request.head += line;
  }
  for (;;) {
    const std::string size_line = take_line();
    request.wire += size_line;
    const std::size_t size = std::strtoul(size_line.c_str(), nullptr, 16);
    if (size == 0) break;
    const std::string bytes = take(size);
    request.body += bytes;
    request.wire += bytes + take_line();
  }
  while (!request.wire.ends_with(kHeadEnd)) {
    const std::string line = take_line();
    if (line.empty()) return request;
    request.wire += line;
  }
  return request;
}

std::string Connection::read_some() {
  if (received_.empty()) receive();
  return std::exchange(received_, "");
}

std::string Connection::read_head() {
  return read_until([&] { return received_.find(kHeadEnd) != std::string::npos; });
}

std::string Connection::read_request() {
  return read_until([&] {
    const auto end = received_.find(kHeadEnd);
    return end != std::string::npos &&
           received_.size() >= end + kHeadEnd.size() + content_length(received_);
  });
}

void Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Connection::is_left_within(std::chrono::milliseconds limit) const {
  pollfd client{socket_.get(), POLLIN, 0};
  return ::poll(&client, 1, static_cast<int>(limit.count())) > 0;
}

ScriptedServer::ScriptedServer(std::vector<Script> scripts) {
  listener_ = listen_on_loopback(port_);
  thread_ = std::thread([this, scripts = std::move(scripts)] {
    for (const Script& script : scripts) {
      base::Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!socket.valid()) return;
      Connection connection(std::move(socket));
      script(connection);
    }
  });
}

ScriptedServer::~ScriptedServer() {
  // Ends a wait in accept() when a test failed before it had made all its connections.
  ::shutdown(listener_.get(), SHUT_RDWR);
  join();
}

void ScriptedServer::join() {
  if (thread_.joinable()) thread_.join();
}

bool ScriptedServer::has_uninvited() const {
  pollfd waiting{listener_.get(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

base::FdPair connected_pair(int type, std::chrono::milliseconds timeout) {
  auto made = base::make_socket_pair(type);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timeval limit{seconds.count(), std::chrono::microseconds(timeout - seconds).count()};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    base::check(::setsockopt(made->first.get(), SOL_SOCKET, option, &limit, sizeof limit),
                "setsockopt");
  }
  return std::move(made).value();
}

std::string event_response(const std::string& request_id, const std::string& body) {
  return "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: " + request_id +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string status_response(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

Endpoint closed_endpoint() {
  int port = 0;
  listen_on_loopback(port);
  return {"127.0.0.1", port};
}

}  // namespace phork::lambda::testing
