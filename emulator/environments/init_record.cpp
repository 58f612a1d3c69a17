// SPDX-License-Identifier: MIT
#include "emulator/environments/init_record.h"

#include <utility>

#include <simdjson.h>

namespace phork::emulator {

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

std::string InitRecord::View::timed_out_message() const {
  return emulator::timed_out_message(
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - started));
}

void InitRecord::begin(InitPhase phase) {
  const std::lock_guard lock(mutex_);
  view_ = View();
  view_.phase = phase;
  view_.started = Clock::now();
  view_.deadline =
      view_.started + (phase == InitPhase::kInit ? config_.init_timeout : config_.timeout);
  duration_.reset();
}

Microseconds InitRecord::complete() {
  const std::lock_guard lock(mutex_);
  const auto duration = std::chrono::duration_cast<Microseconds>(Clock::now() - view_.started);
  view_.complete = true;
  // The duration of an event contains an init that was repeated inside it.
  if (view_.phase == InitPhase::kInit) duration_ = duration;
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

std::optional<Microseconds> InitRecord::take_duration() {
  const std::lock_guard lock(mutex_);
  return std::exchange(duration_, std::nullopt);
}

}  // namespace phork::emulator
