// SPDX-License-Identifier: MIT
#include "tests/support/concurrent_api.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <httplib.h>

namespace phork::testing {
namespace {

// Each connection keeps a thread, and there is one connection per slot.
constexpr std::size_t kThreads = 32;
constexpr std::chrono::minutes kTimeout{1};
constexpr std::chrono::minutes kEventTimeout{1};  // of an event, as the runtime is told

std::string deadline_ms() {
  const auto deadline = std::chrono::system_clock::now() + kEventTimeout;
  return std::to_string(
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline.time_since_epoch()).count());
}

}  // namespace

ConcurrentApi::ConcurrentApi() : server_(std::make_unique<httplib::Server>()) {
  server_->set_tcp_nodelay(true);
  server_->set_keep_alive_max_count(1'000'000);
  server_->new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server_->Get("/2018-06-01/runtime/invocation/next",
               [this](const httplib::Request& request, httplib::Response& response) {
                 next(request, response);
               });
  add_post_route();
  add_extension_routes();
  add_start_routes();
  port_ = server_->bind_to_any_port("127.0.0.1");
  thread_ = std::thread([this] { server_->listen_after_bind(); });
  while (!server_->is_running()) std::this_thread::yield();
}

void ConcurrentApi::add_post_route() {
  server_->Post(R"(/2018-06-01/runtime/invocation/([^/]+)/(response|error))",
                [this](const httplib::Request& request, httplib::Response& response,
                       const httplib::ContentReader& reader) {
                  std::string body;
                  reader([&](const char* bytes, std::size_t count) {
                    if (body.empty()) {
                      const std::lock_guard lock(mutex_);
                      ++under_way_;
                    }
                    body.append(bytes, count);
                    return true;
                  });
                  post(request, std::move(body), response);
                });
}

void ConcurrentApi::add_extension_routes() {
  server_->Post("/2020-01-01/extension/register",
                [this](const httplib::Request& request, httplib::Response& response) {
                  note("register");
                  const bool known = request.get_header_value("Lambda-Extension-Name") == "phork";
                  response.status = known ? 200 : 403;
                  response.set_header("Lambda-Extension-Identifier", "id-1");
                  response.set_content("{}", "application/json");
                });
  server_->Get("/2020-01-01/extension/event/next",
               [this](const httplib::Request& request, httplib::Response& response) {
                 note("extension " + request.get_header_value("Lambda-Extension-Identifier"));
                 std::unique_lock lock(mutex_);
                 given_.wait(lock, [this] { return stopping_; });
                 response.status = 500;
               });
}

void ConcurrentApi::add_start_routes() {
  server_->Get("/2018-06-01/runtime/restore/next",
               [this](const httplib::Request& request, httplib::Response& response) {
                 restore_next(request, response);
               });
  server_->Post(
      R"(/2018-06-01/runtime/((init|restore)/error))",
      [this](const httplib::Request& request, httplib::Response& response) {
        const std::lock_guard lock(mutex_);
        start_errors_.push_back({request.matches[1],
                                 request.get_header_value("Lambda-Runtime-Function-Error-Type"),
                                 request.body});
        response.status = start_error_status_;
        response.set_content("{}", "application/json");
      });
}

void ConcurrentApi::restore_next(const httplib::Request& request, httplib::Response& response) {
  note("restore");
  std::unique_lock lock(mutex_);
  if (!restored_) old_ports_.insert(request.remote_port);
  given_.wait(lock, [this] { return stopping_ || restored_ || restore_status_ != 200; });
  response.status = stopping_ ? 500 : restore_status_;
  calls_.emplace_back("restored");
}

void ConcurrentApi::restore() {
  {
    const std::lock_guard lock(mutex_);
    restored_ = true;
  }
  given_.notify_all();
}

void ConcurrentApi::set_restore_status(int status) {
  const std::lock_guard lock(mutex_);
  restore_status_ = status;
}

void ConcurrentApi::set_start_error_status(int status) {
  const std::lock_guard lock(mutex_);
  start_error_status_ = status;
}

std::vector<ConcurrentApi::StartError> ConcurrentApi::start_errors() const {
  const std::lock_guard lock(mutex_);
  return start_errors_;
}

bool ConcurrentApi::has_old_connection() const {
  const std::lock_guard lock(mutex_);
  return has_old_connection_;
}

ConcurrentApi::~ConcurrentApi() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  given_.notify_all();
  server_->stop();
  thread_.join();
}

void ConcurrentApi::note(const std::string& call) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(call);
}

std::vector<std::string> ConcurrentApi::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void ConcurrentApi::give(const std::string& request_id, const std::string& payload) {
  {
    const std::lock_guard lock(mutex_);
    events_.push_back({request_id, payload});
  }
  given_.notify_all();  // the extension waits for it too
}

int ConcurrentApi::parked() const {
  const std::lock_guard lock(mutex_);
  return parked_;
}

int ConcurrentApi::under_way() const {
  const std::lock_guard lock(mutex_);
  return under_way_;
}

int ConcurrentApi::most_parked() const {
  const std::lock_guard lock(mutex_);
  return most_parked_;
}

bool ConcurrentApi::wait_outcomes(std::size_t count) {
  std::unique_lock lock(mutex_);
  while (outcome_count_ < count) {
    if (posted_.wait_for(lock, kTimeout) == std::cv_status::timeout) return false;
  }
  return true;
}

std::map<std::string, std::vector<ConcurrentApi::Posted>> ConcurrentApi::outcomes() const {
  const std::lock_guard lock(mutex_);
  return outcomes_;
}

void ConcurrentApi::next(const httplib::Request& request, httplib::Response& response) {
  note("next");
  std::unique_lock lock(mutex_);
  has_old_connection_ = has_old_connection_ || old_ports_.contains(request.remote_port);
  ++parked_;
  most_parked_ = std::max(most_parked_, parked_);
  given_.wait(lock, [this] { return stopping_ || !events_.empty(); });
  --parked_;
  if (events_.empty()) {
    response.status = 500;
    return;
  }
  Event event = std::move(events_.front());
  events_.pop_front();
  lock.unlock();
  response.set_header("Lambda-Runtime-Aws-Request-Id", event.request_id);
  response.set_header("Lambda-Runtime-Deadline-Ms", deadline_ms());
  response.set_header("Lambda-Runtime-Trace-Id",
                      "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1");
  response.set_header("Lambda-Runtime-Invoked-Function-Arn",
                      "arn:aws:lambda:eu-west-1:123456789012:function:test");
  response.set_content(event.payload, "application/json");
}

void ConcurrentApi::post(const httplib::Request& request, std::string body,
                         httplib::Response& response) {
  note("post");
  {
    const std::lock_guard lock(mutex_);
    if (!body.empty()) --under_way_;
    outcomes_[request.matches[1]].push_back({request.matches[2] == "response", std::move(body)});
    ++outcome_count_;
  }
  posted_.notify_all();
  response.status = 202;
  response.set_content(R"({"status":"OK"})", "application/json");
}

}  // namespace phork::testing
