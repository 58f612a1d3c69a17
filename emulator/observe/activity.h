// SPDX-License-Identifier: MIT
//
// The recent activity of the emulator: environments and their state, the last invocations, the last
// log lines with their request ids, and latencies by strategy. Environments write it; the status
// page reads it, and so do callers of the Invoke API who ask for the log of their event. Holds ids,
// paths and figures, never payloads; bounded in size. Any thread; a write copies under a lock.
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
#include <set>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/observe/percentiles.h"
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
  std::uint64_t memory_kb = 0;                  // the most that was measured
  std::string request_id;                       // of the event under way
};

// The HTTP request that has become an event.
struct RequestFacts {
  std::string method;  // empty for an event that was none
  std::string path;    // without its query, which may hold secrets
  int status = 0;      // 0 until the client has the reply
};

struct InvocationView {
  std::uint64_t sequence = 0;  // counts up by one
  std::string request_id;
  RequestFacts request;
  std::string strategy;  // from the runtime's metrics, otherwise the label
  std::size_t environment = 0;
  std::chrono::system_clock::time_point started;  // handed out
  bool running = true;                            // the members below are not known yet
  Ending ending = Ending::kAnswered;
  std::string error_type;
  Microseconds queued{};
  Microseconds latency{};
  Microseconds billed{};
  std::optional<Microseconds> init;  // if this event paid for a start
  std::uint64_t memory_kb = 0;
};

struct LogLineView {
  std::uint64_t sequence = 0;  // counts up by one
  std::chrono::system_clock::time_point time;
  std::size_t environment = 0;
  std::string request_id;  // empty between events
  std::string text;
};

struct ActivitySnapshot {
  std::vector<EnvironmentView> environments;
  std::vector<InvocationView> invocations;  // newest last
  std::vector<LogLineView> log;             // newest last
  std::vector<LatencyHistogram> latency;    // by strategy, in order of first use
  std::size_t queued = 0;                   // events that wait for an environment
  std::uint64_t events = 0;                 // that have ended
  std::uint64_t errors = 0;                 // among them
  std::string refill;                       // "" unless the runtime's metrics name one
};

class Activity : private base::Pinned {
 public:
  static constexpr std::size_t kMostInvocations = 200;
  static constexpr std::size_t kMostLogLines = 1000;
  static constexpr std::size_t kMostLogBytes = 4 << 20;  // of text; a single line may be longer

  explicit Activity(std::string strategy) : strategy_(std::move(strategy)) {}

  ~Activity() = default;

  // `ask` returns the number of waiting events; called without locks held. Set it before use.
  void on_queue_asked(std::function<std::size_t()> ask) { ask_queue_ = std::move(ask); }

  // As the latest metrics name them.
  void set_strategy(std::string_view strategy, std::string_view refill);
  void set_environment(const EnvironmentView& view);
  // An HTTP request is about to become an event, and its client has the reply. `failed` says that
  // the function's answer is an error although the event was served.
  void requested(const std::string& request_id, std::string_view method, std::string_view path);
  void replied(const std::string& request_id, int status, bool failed);
  void handed_out(std::size_t environment, const std::string& request_id);
  // The event is over, its REPORT line included; the only call for one that was not handed out.
  void finished(std::size_t environment, const EventRecord& record,
                std::optional<Microseconds> init, std::uint64_t memory_kb);
  void log(std::size_t environment, std::string_view request_id, std::string_view text);

  // A copy of everything, with the invocations and log lines from these sequence numbers on that
  // are still kept.
  ActivitySnapshot snapshot(std::uint64_t first_invocation, std::uint64_t first_log_line) const;
  // The log lines of a request that are still kept, each with a newline; only the last `most`
  // bytes. Waits until the request has finished, at most until `until`.
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
  std::string refill_;
  std::vector<EnvironmentView> environments_;      // at their ids
  std::multiset<std::string> running_;             // request ids
  std::map<std::string, RequestFacts> requested_;  // by request id, until an invocation shows it
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
