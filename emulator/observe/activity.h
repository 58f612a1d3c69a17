// SPDX-License-Identifier: MIT
//
// What the emulator does and did lately: environments and their state, the last invocations, the
// last log lines with the request they belong to, and latencies by strategy. Written by the
// environments, read by those who watch: the page at /_phork and callers of the Invoke API who want
// the log of their event. Holds ids and figures, never payloads; bounded in size. Any thread; a
// write copies a few words under a lock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/observe/latency_histogram.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

enum class EnvironmentState : std::uint8_t { kNone, kStarting, kIdle, kFrozen, kBusy, kEnding };

std::string_view name_of(EnvironmentState state);

struct EnvironmentView {
  std::size_t id = 0;  // counts from 0, as FunctionConfig::concurrency does
  EnvironmentState state = EnvironmentState::kNone;
  std::chrono::system_clock::time_point since;  // in this state
  pid_t pid = 0;                                // 0 without a process
  std::uint64_t starts = 0;                     // processes so far
  std::uint64_t events = 0;                     // served so far
  std::optional<Microseconds> init;             // of the process that runs
  std::uint64_t memory_kb = 0;                  // the most it was seen to use
  std::string request_id;                       // of the event under way
};

struct InvocationView {
  std::uint64_t sequence = 0;  // counts up by one
  std::string request_id;
  std::string strategy;  // as the runtime's metrics name it, else the label
  std::size_t environment = 0;
  std::chrono::system_clock::time_point started;  // handed out
  bool running = true;                            // what follows is not known yet
  Ending ending = Ending::kAnswered;
  std::string error_type;
  Microseconds queued{};
  Microseconds latency{};
  Microseconds billed{};
  std::optional<Microseconds> init;  // where it was this event that paid for a start
  std::uint64_t memory_kb = 0;
};

struct LogLineView {
  std::uint64_t sequence = 0;  // counts up by one
  std::chrono::system_clock::time_point time;
  std::size_t environment = 0;
  std::string request_id;  // empty outside of events
  std::string text;
};

struct ActivitySnapshot {
  std::vector<EnvironmentView> environments;
  std::vector<InvocationView> invocations;  // newest last
  std::vector<LogLineView> log;             // newest last
  std::vector<LatencyHistogram> latency;    // in the order in which strategies came
  std::size_t queued = 0;                   // events that wait for an environment
  std::uint64_t events = 0;                 // all that ended
  std::uint64_t errors = 0;                 // of them
};

class Activity : private base::Pinned {
 public:
  static constexpr std::size_t kMostInvocations = 200;
  static constexpr std::size_t kMostLogLines = 1000;
  static constexpr std::size_t kMostLogBytes = 4 << 20;  // of their texts; one line may be longer

  explicit Activity(std::string strategy) : strategy_(std::move(strategy)) {}

  ~Activity() = default;

  // `ask` says how many events wait; snapshot() calls it, without locks. Set before use.
  void on_queue_asked(std::function<std::size_t()> ask) { ask_queue_ = std::move(ask); }

  // What environments tell. The strategy is that of the metrics seen last.
  void set_strategy(std::string_view strategy);
  void set_environment(const EnvironmentView& view);
  void handed_out(std::size_t environment, const std::string& request_id);
  // Complete with its REPORT line: the log of the request has ended. Of an event that was never
  // handed out this is all that is told.
  void finished(std::size_t environment, const EventRecord& record,
                std::optional<Microseconds> init, std::uint64_t memory_kb);
  void log(std::size_t environment, std::string_view request_id, std::string_view text);

  // Invocations and log lines from these sequence numbers on, as far as they are still known.
  ActivitySnapshot snapshot(std::uint64_t first_invocation, std::uint64_t first_log_line) const;
  // All lines of a request that are still known, each with its newline; no more than the last
  // `most` bytes. Waits until the request has finished, or `until`.
  std::string log_of(const std::string& request_id, std::size_t most,
                     Clock::time_point until) const;

 private:
  InvocationView& add_invocation(std::size_t environment, const std::string& request_id);
  InvocationView& invocation_of(std::size_t environment, const std::string& request_id);
  LatencyHistogram& histogram_of(const std::string& strategy);
  bool runs(const std::string& request_id) const;
  std::size_t copy_log(std::vector<LogLineView>& out, std::uint64_t first) const;

  std::function<std::size_t()> ask_queue_;

  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable request_finished_;
  std::string strategy_;
  std::vector<EnvironmentView> environments_;   // at their ids
  std::map<std::size_t, std::string> running_;  // request ids by environment
  std::deque<InvocationView> invocations_;
  std::uint64_t last_invocation_ = 0;
  std::deque<LogLineView> log_;
  std::uint64_t last_log_line_ = 0;
  std::size_t log_bytes_ = 0;
  std::vector<LatencyHistogram> latency_;
  std::uint64_t events_ = 0;
  std::uint64_t errors_ = 0;
};

}  // namespace phork::emulator
