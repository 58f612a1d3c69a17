// SPDX-License-Identifier: MIT
//
// What a run of the emulator measured, summed up: percentiles over all events, cold start, memory.
// Any thread may add; the summary may be asked for at any time.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/event/event.h"

namespace phork::emulator {

// The value at rank ceil(percent/100 * n) of the sorted samples (nearest rank), so always one that
// was measured; 0 without samples.
std::int64_t percentile(std::vector<std::int64_t> samples, double percent);

struct Percentiles {
  std::int64_t p50 = 0;
  std::int64_t p90 = 0;
  std::int64_t p99 = 0;

  static Percentiles of(const std::vector<std::int64_t>& samples);
};

// A line of metrics that the runtime wrote about one event (PHORK_METRICS=json).
struct RuntimeMetrics {
  std::string strategy;
  std::int64_t minor_faults = 0;
  std::int64_t php_us = 0;

  // Empty when the line is something else.
  static std::optional<RuntimeMetrics> parse(std::string_view line);
};

struct Summary {
  std::string strategy;
  std::size_t events = 0;
  std::size_t errors = 0;
  std::optional<Percentiles> first_byte_us;  // of streamed answers, where there were any
  Percentiles latency_us;
  Percentiles billed_us;
  Percentiles queue_us;
  std::size_t environments = 0;  // that there ever were
  std::size_t cold_starts = 0;   // processes that came so far as to ask for an event
  double cold_start_ms = 0;      // process started -> first `next`, the median
  double max_memory_mb = 0;
  std::int64_t minor_faults_p50 = 0;

  std::string to_json() const;
  std::string to_table() const;
};

class Statistics {
 public:
  // The strategy's name until the runtime tells a better one.
  explicit Statistics(std::string strategy) { strategy_ = std::move(strategy); }

  void add(const EventRecord& record);
  void add(const RuntimeMetrics& metrics);
  // An event that never reached a runtime.
  void add_unserved();
  void add_environment();
  void add_cold_start(Microseconds cold_start);
  void add_memory(std::uint64_t pss_kb);
  // For runtimes that write no metrics: `faults` of a process tree while it served `events`.
  void add_tree_faults(std::uint64_t faults, std::size_t events);

  Summary summary() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::string strategy_;
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
