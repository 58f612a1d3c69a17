// SPDX-License-Identifier: MIT
#include "emulator/observe/activity.h"

#include <algorithm>
#include <array>

namespace phork::emulator {
namespace {

// Lines copied under one lock, which bounds how long a writer waits.
constexpr std::size_t kLogBatch = 64;

// The index of the element with this sequence number, or where it would be. The numbers have no
// gaps.
template <typename View>
std::size_t index_of(const std::deque<View>& views, std::uint64_t sequence) {
  if (views.empty() || sequence <= views.front().sequence) return 0;
  return std::min(static_cast<std::size_t>(sequence - views.front().sequence), views.size());
}

}  // namespace

std::string_view name_of(EnvironmentState state) {
  constexpr std::array<std::string_view, 6> kNames{"none",   "starting", "idle",
                                                   "frozen", "busy",     "ending"};
  static_assert(kNames.size() == static_cast<std::size_t>(EnvironmentState::kEnding) + 1);
  return kNames[static_cast<std::size_t>(state)];
}

void Activity::set_strategy(std::string_view strategy, std::string_view refill) {
  const std::lock_guard lock(mutex_);
  strategy_ = strategy;
  refill_ = refill;
}

void Activity::set_environment(const EnvironmentView& view) {
  const std::lock_guard lock(mutex_);
  for (std::size_t id = environments_.size(); id <= view.id; ++id) {
    environments_.emplace_back().id = id;
  }
  environments_[view.id] = view;
}

void Activity::requested(const std::string& request_id, std::string_view method,
                         std::string_view path) {
  const std::lock_guard lock(mutex_);
  requested_[request_id] = {std::string(method), std::string(path)};
}

void Activity::replied(const std::string& request_id, int status, bool failed) {
  const std::lock_guard lock(mutex_);
  if (failed) ++errors_;
  if (const auto waiting = requested_.find(request_id); waiting != requested_.end()) {
    waiting->second.status = status;
    return;
  }
  const auto shown = std::find_if(
      invocations_.rbegin(), invocations_.rend(),
      [&request_id](const InvocationView& view) { return view.request_id == request_id; });
  if (shown != invocations_.rend()) shown->request.status = status;
}

void Activity::handed_out(std::size_t environment, const std::string& request_id) {
  const auto now = std::chrono::system_clock::now();
  const std::lock_guard lock(mutex_);
  running_.insert(request_id);
  add_invocation(environment, request_id).started = now;
}

InvocationView& Activity::add_invocation(std::size_t environment, const std::string& request_id) {
  if (invocations_.size() == kMostInvocations) invocations_.pop_front();
  InvocationView& view = invocations_.emplace_back();
  view.sequence = ++last_invocation_;
  view.request_id = request_id;
  view.strategy = strategy_;
  view.environment = environment;
  if (const auto waiting = requested_.find(request_id); waiting != requested_.end()) {
    view.request = std::move(waiting->second);
    requested_.erase(waiting);
  }
  return view;
}

// The invocation under way; a new one if it was never handed out or is no longer kept.
InvocationView& Activity::invocation_of(std::size_t environment, const std::string& request_id) {
  const auto found =
      std::find_if(invocations_.rbegin(), invocations_.rend(), [&](const InvocationView& view) {
        return view.running && view.environment == environment && view.request_id == request_id;
      });
  if (found != invocations_.rend()) return *found;
  InvocationView& view = add_invocation(environment, request_id);
  view.started = std::chrono::system_clock::now();
  return view;
}

void Activity::finished(std::size_t environment, const EventRecord& record,
                        std::optional<Microseconds> init, std::uint64_t memory_kb) {
  {
    const std::lock_guard lock(mutex_);
    InvocationView& view = invocation_of(environment, record.request_id);
    view.strategy = strategy_;
    view.running = false;
    view.ending = record.ending;
    view.error_type = record.error_type;
    view.queued = record.queued;
    view.latency = record.latency;
    view.billed = record.billed;
    view.init = init;
    view.memory_kb = memory_kb;
    ++events_;
    if (record.ending != Ending::kAnswered) ++errors_;
    if (record.ending != Ending::kNotServed) histogram_of(strategy_).add(record.latency);
    if (const auto running = running_.find(record.request_id); running != running_.end()) {
      running_.erase(running);
    }
  }
  request_finished_.notify_all();
}

LatencyHistogram& Activity::histogram_of(const std::string& strategy) {
  const auto found = std::ranges::find(latency_, strategy, &LatencyHistogram::strategy);
  if (found != latency_.end()) return *found;
  latency_.emplace_back().strategy = strategy;
  return latency_.back();
}

void Activity::log(std::size_t environment, std::string_view request_id, std::string_view text) {
  LogLineView line;
  line.time = std::chrono::system_clock::now();
  line.environment = environment;
  line.request_id = request_id;
  line.text = text;
  const std::lock_guard lock(mutex_);
  line.sequence = ++last_log_line_;
  log_bytes_ += text.size();
  log_.push_back(std::move(line));
  while (log_.size() > kMostLogLines || (log_bytes_ > kMostLogBytes && log_.size() > 1)) {
    log_bytes_ -= log_.front().text.size();
    log_.pop_front();
  }
}

ActivitySnapshot Activity::snapshot(std::uint64_t first_invocation,
                                    std::uint64_t first_log_line) const {
  ActivitySnapshot snapshot;
  if (ask_queue_) snapshot.queued = ask_queue_();
  {
    const std::lock_guard lock(mutex_);
    snapshot.environments = environments_;
    const std::size_t first = index_of(invocations_, first_invocation);
    snapshot.invocations.assign(invocations_.begin() + static_cast<std::ptrdiff_t>(first),
                                invocations_.end());
    snapshot.latency = latency_;
    snapshot.events = events_;
    snapshot.errors = errors_;
    snapshot.refill = refill_;
  }
  std::uint64_t next = first_log_line;
  while (snapshot.log.size() < kMostLogLines && copy_log(snapshot.log, next) == kLogBatch) {
    next = snapshot.log.back().sequence + 1;
  }
  return snapshot;
}

// Copies at most one batch of lines from `first` on; returns their number.
std::size_t Activity::copy_log(std::vector<LogLineView>& out, std::uint64_t first) const {
  out.reserve(out.size() + kLogBatch);
  const std::lock_guard lock(mutex_);
  const std::size_t begin = index_of(log_, first);
  const std::size_t count = std::min(kLogBatch, log_.size() - begin);
  const auto from = log_.begin() + static_cast<std::ptrdiff_t>(begin);
  out.insert(out.end(), from, from + static_cast<std::ptrdiff_t>(count));
  return count;
}

bool Activity::runs(const std::string& request_id) const {
  return running_.contains(request_id);
}

std::string Activity::log_of(const std::string& request_id, std::size_t most,
                             Clock::time_point until) const {
  std::unique_lock lock(mutex_);
  request_finished_.wait_until(lock, until, [&] { return !runs(request_id); });
  std::string text;
  // From the end, until there are `most` bytes.
  std::vector<std::string_view> lines;
  std::size_t bytes = 0;
  for (auto line = log_.rbegin(); line != log_.rend() && bytes < most; ++line) {
    if (line->request_id != request_id) continue;
    lines.push_back(line->text);
    bytes += line->text.size() + 1;
  }
  text.reserve(bytes);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) text.append(*line).push_back('\n');
  if (text.size() > most) text.erase(0, text.size() - most);
  return text;
}

}  // namespace phork::emulator
