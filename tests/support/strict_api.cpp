// SPDX-License-Identifier: MIT
#include "tests/support/strict_api.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/result.h"
#include "tests/support/sockets/loopback.h"

namespace phork::testing {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kPrefix = "/2018-06-01/runtime/invocation/";
constexpr std::chrono::minutes kTimeout{1};

std::string in_a_minute() {
  const auto deadline = std::chrono::system_clock::now() + std::chrono::minutes(1);
  return std::to_string(
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline.time_since_epoch()).count());
}

// 0 where there is none.
std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const std::size_t at = head.find(kName);
  return at == std::string_view::npos ? 0
                                      : std::stoul(std::string(head.substr(at + kName.size(), 20)));
}

// True when nobody holds the other end, or it was shut down.
bool is_abandoned(int socket) {
  pollfd polled{socket, POLLRDHUP, 0};
  return ::poll(&polled, 1, 0) == 1;
}

std::string head_of(int status, std::size_t length, const std::string& lines = "") {
  return "HTTP/1.1 " + std::to_string(status) +
         " -\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(length) +
         "\r\n" + lines + "\r\n";
}

}  // namespace

StrictApi::StrictApi()
    : wakeup_(base::check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "test: eventfd")) {
  Loopback listening = listen_on_loopback();
  listener_ = std::move(listening.socket);
  port_ = listening.port;
  thread_ = std::thread([this] { run(); });
}

StrictApi::~StrictApi() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  thread_.join();
}

void StrictApi::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wakeup_.get(), &one, sizeof one);
}

void StrictApi::give(const std::string& request_id, const std::string& payload,
                     const std::string& deadline_ms) {
  const std::lock_guard lock(mutex_);
  events_.push_back({request_id, payload, deadline_ms});
  wake();
}

bool StrictApi::idle() const {
  const std::lock_guard lock(mutex_);
  return parked_ != nullptr && !is_abandoned(parked_->socket.get());
}

void StrictApi::hang_up() {
  const std::lock_guard lock(mutex_);
  if (parked_ != nullptr) ::shutdown(parked_->socket.get(), SHUT_RDWR);
}

void StrictApi::close_at(Exchange exchange, Moment moment) {
  const std::lock_guard lock(mutex_);
  closes_.emplace(exchange, moment);
}

std::optional<StrictApi::Outcome> StrictApi::outcome_of(const std::string& request_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = outcomes_.find(request_id);
  return found == outcomes_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<StrictApi::Outcome> StrictApi::wait_outcome(const std::string& request_id) {
  {
    std::unique_lock lock(mutex_);
    posted_.wait_for(lock, kTimeout, [&] { return outcomes_.contains(request_id); });
  }
  return outcome_of(request_id);
}

std::vector<std::string> StrictApi::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

std::vector<std::string> StrictApi::violations() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

void StrictApi::run() {
  for (;;) {
    std::vector<pollfd> polled{{listener_.get(), POLLIN, 0}, {wakeup_.get(), POLLIN, 0}};
    {
      const std::lock_guard lock(mutex_);
      for (const Connection& each : connections_) polled.push_back({each.socket.get(), POLLIN, 0});
    }
    ::poll(polled.data(), polled.size(), -1);
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    std::uint64_t ignored = 0;
    [[maybe_unused]] const ssize_t got = ::read(wakeup_.get(), &ignored, sizeof ignored);
    // Connections first: who has left is not handed an event.
    for (auto each = connections_.begin(); each != connections_.end();) {
      Connection& connection = *each++;
      const bool is_ready = std::ranges::any_of(polled, [&](const pollfd& p) {
        return p.fd == connection.socket.get() && p.revents != 0;
      });
      if (is_ready && !read_from(connection)) drop(connection);
    }
    if (parked_ != nullptr && !under_way_ && !events_.empty()) {
      Connection& connection = *std::exchange(parked_, nullptr);
      if (!hand_out(connection)) drop(connection);
    }
    if (polled.front().revents != 0) accept_one();
  }
}

void StrictApi::accept_one() {
  base::Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (socket.valid()) connections_.push_back({std::move(socket), {}});
}

void StrictApi::drop(Connection& connection) {
  if (parked_ == &connection) parked_ = nullptr;
  if (carrier_ == &connection) carrier_ = nullptr;
  connections_.remove_if([&](const Connection& each) { return &each == &connection; });
}

// False when the connection has to be closed, or was.
bool StrictApi::read_from(Connection& connection) {
  std::array<char, 65'536> bytes{};
  // Closing a socket with unread bytes resets the connection.
  if (parked_ != &connection && closes_now(Exchange::kPost, Moment::kBeforeRequest)) return false;
  const ssize_t got = ::recv(connection.socket.get(), bytes.data(), bytes.size(), 0);
  if (got <= 0) return false;
  connection.input.append(bytes.data(), static_cast<std::size_t>(got));
  if (parked_ == &connection) {
    violations_.emplace_back("bytes on a connection on which a next waits");
    return false;
  }
  const std::size_t head_end = connection.input.find(kHeadEnd);
  if (head_end == std::string::npos) return true;
  const std::string request = connection.input;
  const std::string_view head = std::string_view(request).substr(0, head_end + kHeadEnd.size());
  const std::string_view body = std::string_view(request).substr(head.size());
  if (body.size() < content_length(head)) return true;
  connection.input.clear();
  return serve_request(connection, head, body);
}

bool StrictApi::serve_request(Connection& connection, std::string_view head,
                              std::string_view body) {
  const bool posts = head.starts_with("POST ");
  std::string_view path = head.substr(posts ? 5 : 4);
  path = path.substr(0, path.find(' '));
  if (!path.starts_with(kPrefix)) {
    violations_.emplace_back("a request for " + std::string(path));
    return false;
  }
  path.remove_prefix(kPrefix.size());
  return posts ? post(connection, path, body) : next(connection);
}

bool StrictApi::next(Connection& connection) {
  if (parked_ != nullptr && !is_abandoned(parked_->socket.get())) {
    violations_.emplace_back("a next while another one waits");
  }
  parked_ = nullptr;
  if (under_way_) {
    if (carrier_ != nullptr && !is_abandoned(carrier_->socket.get())) {
      violations_.emplace_back("a next while " + events_.front().request_id + " is under way" +
                               (carrier_ == &connection ? ", on its connection" : ""));
    }
    return hand_out(connection);
  }
  parked_ = &connection;
  return true;  // run() hands out what is there
}

bool StrictApi::hand_out(Connection& connection) {
  under_way_ = true;
  carrier_ = &connection;
  const Event& event = events_.front();
  return reply(connection, Exchange::kNext,
               head_of(200, event.payload.size(),
                       "Lambda-Runtime-Aws-Request-Id: " + event.request_id +
                           "\r\nLambda-Runtime-Deadline-Ms: " +
                           (event.deadline_ms.empty() ? in_a_minute() : event.deadline_ms) +
                           "\r\nLambda-Runtime-Invoked-Function-Arn: "
                           "arn:aws:lambda:eu-west-1:123456789012:function:test\r\n"),
               event.payload);
}

bool StrictApi::post(Connection& connection, std::string_view path, std::string_view body) {
  const std::string id(path.substr(0, path.find('/')));
  const std::string kind(path.substr(path.find('/') + 1));
  if (!under_way_ || events_.front().request_id != id) {
    refused_.push_back(kind + ' ' + id);
    const bool is_second = outcomes_.contains(id);
    const std::string error = is_second ? R"({"errorType":"InvalidStateTransition"})"
                                        : R"({"errorType":"InvalidRequestID"})";
    return reply(connection, Exchange::kPost, head_of(is_second ? 403 : 400, error.size()), error);
  }
  outcomes_[id] = {kind == "response", std::string(body)};
  events_.pop_front();
  under_way_ = false;
  carrier_ = nullptr;
  posted_.notify_all();
  const std::string status = R"({"status":"OK"})";
  return reply(connection, Exchange::kPost, head_of(202, status.size()), status);
}

// True once.
bool StrictApi::closes_now(Exchange exchange, Moment moment) {
  if (closes_ != std::pair(exchange, moment)) return false;
  closes_.reset();
  return true;
}

bool StrictApi::reply(Connection& connection, Exchange exchange, const std::string& head,
                      const std::string& body) {
  std::string bytes = head + body;
  bool stays_open = true;
  const std::array<std::pair<Moment, std::size_t>, 5> cuts{{{Moment::kBeforeReply, 0},
                                                            {Moment::kInHead, head.size() / 2},
                                                            {Moment::kAfterHead, head.size()},
                                                            {Moment::kInBody, head.size() + 1},
                                                            {Moment::kAfterReply, bytes.size()}}};
  for (const auto& [moment, length] : cuts) {
    if (!closes_now(exchange, moment)) continue;
    bytes.resize(length);
    stays_open = false;
    break;
  }
  const ssize_t sent = ::send(connection.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return stays_open && sent == static_cast<ssize_t>(bytes.size());
}

}  // namespace phork::testing
