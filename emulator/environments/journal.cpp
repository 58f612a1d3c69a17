// SPDX-License-Identifier: MIT
#include "emulator/environments/journal.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace phork::emulator {

base::Result<base::FdPair> RuntimeOutput::open() {
  base::Result<base::FdPair> out = base::open_pipe();
  if (!out) return out.error();
  base::Result<base::FdPair> err = base::open_pipe();
  if (!err) return err.error();
  const std::lock_guard lock(mutex_);
  readers_ = {process::LineReader(std::move(out->first)),
              process::LineReader(std::move(err->first))};
  return base::FdPair{std::move(out->second), std::move(err->second)};
}

std::array<int, 2> RuntimeOutput::descriptors() const {
  const std::lock_guard lock(mutex_);
  return {readers_[0].fd(), readers_[1].fd()};
}

void RuntimeOutput::drain() {
  const std::lock_guard lock(mutex_);
  drain_locked();
}

void RuntimeOutput::add(std::string_view line) {
  const std::lock_guard lock(mutex_);
  drain_locked();
  write_platform(line);
}

void RuntimeOutput::begin_event(const std::string& request_id, std::string_view line) {
  const std::lock_guard lock(mutex_);
  drain_locked();
  // Lines of events that overlap name their event themselves.
  if (context_.config.slots == 0) request_id_ = request_id;
  write_platform(line);
}

void RuntimeOutput::end_event(std::string_view line) {
  const std::lock_guard lock(mutex_);
  drain_locked();
  write_platform(line);
  request_id_.clear();
}

void RuntimeOutput::drain_locked() {
  for (process::LineReader& reader : readers_) {
    reader.drain([this](std::string_view line) { take(line); });
  }
}

// Leaves the text of "TIME\tID\tLEVEL\tTEXT". False for a line that belongs to no event and is no
// warning.
bool RuntimeOutput::strip(std::string& line) {
  const std::size_t id = line.find('\t') + 1;
  const std::size_t level = line.find('\t', id) + 1;
  const std::size_t text = line.find('\t', level) + 1;
  if (id == 0 || level == 0 || text == 0) return true;
  const bool shown = line[id] != '-' || line.compare(level, text - level, "INFO\t") != 0;
  line.erase(0, text);
  return shown;
}

void RuntimeOutput::take(std::string_view line) {
  const std::optional<RuntimeMetrics> metrics = RuntimeMetrics::parse(line);
  if (metrics) {
    context_.statistics.add(*metrics);
    if (!metrics->strategy.empty()) {
      context_.activity.set_strategy(metrics->strategy, metrics->refill);
    }
    if (!context_.config.print_metrics) return;
  }
  // Runtimes separate the lines of one record by CR; CloudWatch shows them as lines.
  std::string shown(line);
  std::ranges::replace(shown, '\r', '\n');
  if (context_.config.bare_log && !strip(shown)) return;
  context_.events.output(request_id_, shown);
  context_.activity.log(environment_, request_id_, shown);
  telemetry_.publish_line(RecordType::kFunction, shown);
}

void RuntimeOutput::write_platform(std::string_view line) {
  if (context_.config.bare_log) return;
  context_.events.platform(line);
  context_.activity.log(environment_, request_id_, line);
}

// Makes an event for extensions, if one of them gets it.
template <typename Make>
void EnvironmentJournal::tell(const Make& make) {
  if (telemetry_.wanted()) telemetry_.publish(RecordType::kPlatform, make(telemetry_.json()));
}

EnvironmentJournal::EnvironmentJournal(const FunctionContext& context, std::size_t id,
                                       Telemetry& telemetry)
    : context_(context), telemetry_(telemetry), output_(context, id, telemetry) {
  view_.id = id;
  context_.statistics.add_environment();
}

void EnvironmentJournal::init_started(InitPhase phase) {
  // Lambda logs no INIT_START for an init that is repeated inside an event.
  if (phase == InitPhase::kInit) {
    output_.add(context_.lines.init_start());
    tell([](const PlatformJson& json) { return json.init_start(); });
  }
  const std::lock_guard lock(mutex_);
  ++view_.starts;
  view_.init.reset();
  change(EnvironmentState::kStarting);
}

void EnvironmentJournal::process_started(pid_t pid) {
  const std::lock_guard lock(mutex_);
  view_.pid = pid;
  change(view_.state);
}

void EnvironmentJournal::init_done(InitPhase phase, Microseconds duration) {
  const bool restored = phase == InitPhase::kRestore;
  if (restored) output_.add(context_.lines.init_report(phase, duration, ""));
  if (!restored) context_.statistics.add_cold_start(duration);
  tell([&](const PlatformJson& json) { return json.init_runtime_done(phase, {}); });
  tell([&](const PlatformJson& json) { return json.init_report(phase, duration, {}); });
  const std::lock_guard lock(mutex_);
  if (!restored) view_.init = duration;
  change(EnvironmentState::kIdle);
}

void EnvironmentJournal::snapshot_made(InitPhase phase, Microseconds duration) {
  // An init that is repeated inside an event is over only after its restore.
  if (phase == InitPhase::kInit) {
    output_.add(context_.lines.init_report(phase, duration, ""));
    init_done(phase, duration);
  }
  set_state(EnvironmentState::kFrozen);
}

void EnvironmentJournal::restore_started(InitPhase phase) {
  if (phase == InitPhase::kRestore) {
    output_.add(context_.lines.restore_start());
    tell([](const PlatformJson& json) { return json.restore_start(); });
  }
  set_state(EnvironmentState::kStarting);
}

void EnvironmentJournal::init_failed(InitPhase phase, Microseconds duration,
                                     std::string_view error_type) {
  output_.add(context_.lines.init_report(phase, duration, error_type));
  tell([&](const PlatformJson& json) { return json.init_runtime_done(phase, error_type); });
  tell([&](const PlatformJson& json) { return json.init_report(phase, duration, error_type); });
}

void EnvironmentJournal::set_state(EnvironmentState state) {
  const std::lock_guard lock(mutex_);
  if (state == EnvironmentState::kNone) view_.pid = 0;
  change(state);
}

void EnvironmentJournal::add_memory(std::uint64_t pss_kb) {
  context_.statistics.add_memory(pss_kb);
  const std::lock_guard lock(mutex_);
  view_.memory_kb = std::max(view_.memory_kb, pss_kb);
}

void EnvironmentJournal::set_peak_memory(std::uint64_t peak_kb) {
  const std::lock_guard lock(mutex_);
  view_.memory_kb = peak_kb;
}

void EnvironmentJournal::handed_out(const std::string& request_id) {
  context_.activity.handed_out(view_.id, request_id);
  context_.events.started(request_id);
  output_.begin_event(request_id, context_.lines.start(request_id));
  tell([&](const PlatformJson& json) { return json.start(request_id); });
  const std::lock_guard lock(mutex_);
  ++view_.events;
  ++running_;
  view_.request_id = request_id;
  change(EnvironmentState::kBusy);
}

void EnvironmentJournal::finished(const EventRecord& record, const StartTimes& start) {
  tell_end(record, start);
  context_.statistics.add(record);
  const std::lock_guard lock(mutex_);
  if (--running_ > 0) return;
  view_.request_id.clear();
  change(EnvironmentState::kIdle);
}

void EnvironmentJournal::not_served(const EventRecord& record) {
  context_.events.started(record.request_id);
  output_.begin_event(record.request_id, context_.lines.start(record.request_id));
  tell_end(record, {});
  context_.statistics.add_unserved();
}

void EnvironmentJournal::tell_end(const EventRecord& record, const StartTimes& start) {
  const ReportFacts facts{context_.config.memory_mb, memory_kb(), start};
  for (const std::string& line : context_.lines.end(record)) output_.add(line);
  output_.end_event(context_.lines.report(record, facts));
  if (!record.failure.empty()) {
    tell([&](const PlatformJson& json) {
      return json.error(record.request_id, record.failure + '\n' + record.error_type);
    });
  }
  tell([&](const PlatformJson& json) { return json.runtime_done(record); });
  tell([&](const PlatformJson& json) { return json.report(record, facts); });
  context_.activity.finished(view_.id, record, start.billed(), facts.max_memory_used_kb);
  context_.events.finished(record, start.billed());
}

std::uint64_t EnvironmentJournal::memory_kb() const {
  const std::lock_guard lock(mutex_);
  return view_.memory_kb;
}

// With mutex_ held.
void EnvironmentJournal::change(EnvironmentState state) {
  if (view_.state != state) view_.since = std::chrono::system_clock::now();
  view_.state = state;
  context_.activity.set_environment(view_);
}

}  // namespace phork::emulator
