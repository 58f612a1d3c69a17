// SPDX-License-Identifier: MIT
#include "bench/subjects/http_subject.h"

#include <chrono>
#include <utility>

#include "runtime/http/event_reader.h"

namespace phork::bench {

using base::Result;
using base::Status;
using Clock = std::chrono::steady_clock;

HttpSubject::HttpSubject(const Application& application, std::unique_ptr<WebServer> server)
    : application_(application), owned_(std::move(server)), server_(*owned_) {}

HttpSubject::HttpSubject(const Application& application, WebServer& server)
    : application_(application), server_(server) {}

Status HttpSubject::start() {
  const auto event = http::read_event(application_.payload);
  if (!event) return event.error();
  request_ = request_text(event->request);
  head_only_ = event->request.method == "HEAD";
  if (owned_) {
    if (Status started = server_.start(); !started) return started;
  }
  client_.emplace(server_.port());
  return base::ok_status();
}

Result<Answer> HttpSubject::invoke() {
  const Clock::time_point sent = Clock::now();
  Result<Answer> answer = client_->call(request_, head_only_);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - sent);
  if (!answer) return failure(answer.error().text);
  if (Status good = judge_answer(answer.value(), application_.sign); !good) {
    return failure(good.error().text);
  }
  samples_.push_back({.latency_us = took.count()});
  return answer;
}

Result<std::vector<EventSample>> HttpSubject::take_samples() {
  return std::exchange(samples_, {});
}

base::Error HttpSubject::failure(const std::string& reason) {
  return server_.failure("serve event '" + application_.name + "'", reason);
}

}  // namespace phork::bench
