// SPDX-License-Identifier: MIT
#include "emulator/observe/request_log.h"

#include <utility>

#include "emulator/observe/log_lines.h"

namespace phork::emulator {

RequestLog::RequestLog(LogSink& sink, std::unique_ptr<const RequestFormat> format,
                       std::chrono::milliseconds timeout)
    : sink_(sink), format_(std::move(format)), timeout_(timeout) {}

void RequestLog::requested(const std::string& request_id, std::string_view method,
                           std::string_view path) {
  const std::lock_guard lock(mutex_);
  Open& request = open_[request_id];
  request.view = {
      .request_id = request_id, .method = std::string(method), .path = std::string(path)};
  request.began = Clock::now();
}

void RequestLog::replied(const std::string& request_id, int status) {
  const std::lock_guard lock(mutex_);
  const auto request = open_.find(request_id);
  if (request == open_.end()) return;
  request->second.view.status = status;
  request->second.view.took =
      std::chrono::duration_cast<Microseconds>(Clock::now() - request->second.began);
  request->second.replied = true;
  show_if_over(request);
}

void RequestLog::answered(const OwnAnswer& answer) {
  sink_.write(format_->request({.method = std::string(answer.method),
                                .path = std::string(answer.path),
                                .status = answer.status,
                                .took = answer.took,
                                .by = std::string(answer.by)}));
}

// An event without a request has nobody who gets a reply.
void RequestLog::started(const std::string& request_id) {
  const std::lock_guard lock(mutex_);
  const auto [request, added] = open_.try_emplace(request_id);
  if (!added) return;
  request->second.view.request_id = request_id;
  request->second.replied = true;
}

void RequestLog::output(const std::string& request_id, std::string_view line) {
  LogRecord record = read_log_line(line);
  const std::string id = record.request_id.empty() ? request_id : record.request_id;
  add(id, std::move(record));
}

void RequestLog::error(const std::string& request_id, std::string_view message) {
  add(request_id, {request_id, "ERROR", std::string(message)});
}

void RequestLog::add(const std::string& request_id, LogRecord record) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(request_id);
  if (found == open_.end()) {
    sink_.write(format_->record(record));
    return;
  }
  Open& request = found->second;
  request.held_bytes += record.text.size();
  request.view.records.push_back(std::move(record));
  if (request.held_bytes <= kMostHeldBytes) return;
  sink_.write(format_->unfinished(request.view));
  request.view.records.clear();
  request.held_bytes = 0;
}

void RequestLog::finished(const EventRecord& record, std::optional<Microseconds> init) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(record.request_id);
  if (found == open_.end()) return;
  Open& request = found->second;
  RequestView& view = request.view;
  view.billed_ms = billed_ms(record.billed, init);
  view.init = init;
  view.error_type = record.error_type;
  if (view.method.empty()) view.took = record.queued + record.latency;
  const bool timed_out = record.error_type == kTimedOutType;
  const std::string failure = timed_out ? timed_out_message(timeout_) : record.failure;
  if (!failure.empty()) view.records.push_back({record.request_id, "ERROR", failure});
  request.finished = true;
  show_if_over(found);
}

void RequestLog::show_if_over(OpenRequests::iterator request) {
  if (!request->second.replied || !request->second.finished) return;
  sink_.write(format_->request(request->second.view));
  open_.erase(request);
}

void RequestLog::close() {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, request] : open_) {
    sink_.write(request.replied ? format_->request(request.view)
                                : format_->unfinished(request.view));
  }
  open_.clear();
}

}  // namespace phork::emulator
