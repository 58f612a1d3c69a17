// SPDX-License-Identifier: MIT
#include "runtime/event/invocation.h"

#include "runtime/base/log.h"

namespace phork::event {

Deadlines deadlines_of(const Invocation& invocation, std::chrono::milliseconds margin) {
  using std::chrono::duration_cast;
  using std::chrono::steady_clock;
  const auto left =
      duration_cast<steady_clock::duration>(invocation.deadline - std::chrono::system_clock::now());
  const auto kept = duration_cast<steady_clock::duration>(margin);
  const base::Deadline end = steady_clock::now() + left;
  return {end - kept, end - kept * 2 / 5};
}

void log_error(std::string_view text, const Invocation& event) {
  base::LogRecord record;
  record.level = base::LogLevel::kError;
  record.request_id = event.request_id;
  record.tenant_id = event.tenant_id;
  record.text = text;
  base::log(record);
}

void log_failure(std::string_view what, const Failure& failure, const Invocation* event) {
  std::string text(what);
  if (!failure.type.empty()) text.append(": ").append(failure.type);
  text.append(": ").append(failure.message.empty() ? "no message" : failure.message);
  base::LogRecord record;
  record.level = base::LogLevel::kError;
  if (event != nullptr) {
    record.request_id = event->request_id;
    record.tenant_id = event->tenant_id;
  }
  record.text = text;
  record.failure = &failure;
  base::log(record);
}

}  // namespace phork::event
