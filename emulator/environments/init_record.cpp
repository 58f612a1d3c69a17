// SPDX-License-Identifier: MIT
#include "emulator/environments/init_record.h"

#include <utility>

#include <simdjson.h>

namespace phork::emulator {
namespace {

// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
constexpr std::string_view kSnapStartTimeoutType = "SnapStartTimeoutException";

}  // namespace

InitFailure InitFailure::posted(const std::string& body) {
  ErrorFields fields = read_error_json(body);
  if (fields.type.empty()) fields.type = "Runtime.Unknown";
  return {std::move(fields.type), std::move(fields.message), body};
}

ErrorFields read_error_json(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  ErrorFields fields;
  if (parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS) return fields;
  std::string_view text;
  if (object["errorType"].get(text) == simdjson::SUCCESS) fields.type = text;
  if (object["errorMessage"].get(text) == simdjson::SUCCESS) fields.message = text;
  return fields;
}

InitFailure InitRecord::View::timed_out(const FunctionConfig& config) const {
  const bool fails_version = config.snap_start && phase != InitPhase::kInvoke;
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - started);
  return {std::string(fails_version ? kSnapStartTimeoutType : kTimedOutType),
          timed_out_message(limit)};
}

void InitRecord::begin(InitPhase phase) {
  const std::lock_guard lock(mutex_);
  view_ = View();
  view_.phase = phase;
  view_.started = Clock::now();
  view_.deadline =
      view_.started + (phase == InitPhase::kInit ? config_.init_timeout : config_.timeout);
  times_ = {};
}

Microseconds InitRecord::pause() {
  const std::lock_guard lock(mutex_);
  view_.paused = true;
  return std::chrono::duration_cast<Microseconds>(Clock::now() - view_.started);
}

void InitRecord::restore() {
  constexpr std::chrono::seconds kLimit{10};
  const std::lock_guard lock(mutex_);
  view_.paused = false;
  // One that is repeated inside an event has that event's time.
  if (view_.phase == InitPhase::kInvoke) return;
  view_.phase = InitPhase::kRestore;
  view_.started = Clock::now();
  view_.deadline = view_.started + kLimit;
}

Microseconds InitRecord::complete() {
  const std::lock_guard lock(mutex_);
  const auto duration = std::chrono::duration_cast<Microseconds>(Clock::now() - view_.started);
  view_.complete = true;
  // The duration of an event contains an init that was repeated inside it.
  if (view_.phase == InitPhase::kInit) times_.init = duration;
  if (view_.phase == InitPhase::kRestore) times_.restore = duration;
  return duration;
}

void InitRecord::fail(const std::string& body) {
  InitFailure failure = InitFailure::posted(body);
  const std::lock_guard lock(mutex_);
  view_.posted = std::move(failure);
}

InitRecord::View InitRecord::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

StartTimes InitRecord::take_times() {
  const std::lock_guard lock(mutex_);
  return std::exchange(times_, {});
}

}  // namespace phork::emulator
