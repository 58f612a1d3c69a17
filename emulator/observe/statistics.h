// SPDX-License-Identifier: MIT
//
// Collects the measurements of a run: percentiles over all events, cold starts, memory. Any thread;
// summary() may be called at any time.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/observe/percentiles.h"

namespace phork::emulator {

// A metrics line that the runtime writes for each event with PHORK_METRICS=json.
struct RuntimeMetrics {
  std::string request_id;
  std::string strategy;
  std::optional<std::int64_t> minor_faults{};
  std::optional<std::int64_t> ready_us{};  // process started or forked -> ready
  std::string refill{};                    // when the runtime makes its next process, if it says

  // nullopt when the line is not a metrics line.
  static std::optional<RuntimeMetrics> parse(std::string_view line);
};

struct Summary {
  std::string strategy;
  std::string refill;  // "" unless the runtime's metrics say when it makes its next process
  std::size_t events = 0;
  std::size_t errors = 0;
  std::optional<Percentiles> first_byte_us;  // of streamed answers, if there were any
  Percentiles latency_us;
  Percentiles billed_us;
  Percentiles queue_us;
  std::size_t environments = 0;  // created in total
  std::size_t cold_starts = 0;   // processes that have asked for an event
  double cold_start_ms = 0;      // median of process start -> first `next`
  double max_memory_mb = 0;
  std::int64_t minor_faults_p50 = 0;

  std::string to_json() const;
  std::string to_table() const;
};

class Statistics {
 public:
  // `strategy` is a label until the runtime's metrics name the strategy.
  explicit Statistics(std::string strategy) { strategy_ = std::move(strategy); }

  void add(const EventRecord& record);
  void add(const RuntimeMetrics& metrics);
  // Counts an event that the function has answered with an error of its own.
  void add_error();
  // Counts an event that never reached a runtime.
  void add_unserved();
  void add_environment();
  void add_cold_start(Microseconds cold_start);
  void add_memory(std::uint64_t pss_kb);
  // For runtimes that write no metrics: the page `faults` of a process tree while it served
  // `events`.
  void add_tree_faults(std::uint64_t faults, std::size_t events);

  Summary summary() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::string strategy_;
  std::string refill_;
  std::size_t errors_ = 0;
  std::size_t unserved_ = 0;
  std::vector<std::int64_t> first_byte_us_;
  std::vector<std::int64_t> latency_us_;
  std::vector<std::int64_t> billed_us_;
  std::vector<std::int64_t> queue_us_;
  std::vector<std::int64_t> minor_faults_;
  std::vector<std::int64_t> cold_starts_us_;
  std::size_t environments_ = 0;
  std::uint64_t peak_pss_kb_ = 0;
  std::uint64_t tree_faults_ = 0;
  std::size_t tree_events_ = 0;
};

}  // namespace phork::emulator
