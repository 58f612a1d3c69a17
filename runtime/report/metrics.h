// SPDX-License-Identifier: MIT
//
// One line per event about what it cost, in the function's log, when PHORK_METRICS asks for it.
// Holds ids and figures only. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace phork::report {

enum class MetricsFormat : std::uint8_t { kOff, kJson };

// "off" (or "") and "json", in any case; an error names both.
base::Result<MetricsFormat> parse_metrics_format(std::string_view word);

struct EventMetrics {
  std::string_view request_id;
  std::string_view strategy;
  std::chrono::microseconds latency{};  // event in hand -> answer sent
  std::chrono::microseconds billed{};   // event in hand -> about to ask for the next
  std::uint32_t minor_faults = 0;       // of the PHP process, during the event
  std::uint64_t php_us = 0;             // in the PHP process
  std::uint32_t generation = 0;
  std::uint64_t ready_us = 0;  // from the start, or fork, of the PHP process to its being ready
};

// `{"phork":"event","request_id":...}`
std::string format_json(const EventMetrics& metrics);

void write_metrics(MetricsFormat format, const EventMetrics& metrics);

// Takes the times of one event as it passes.
class EventTimer {
 public:
  // The first call counts.
  void answered() {
    if (answered_ == start_) answered_ = std::chrono::steady_clock::now();
  }

  std::chrono::microseconds latency() const { return since_start(answered_); }

  std::chrono::microseconds elapsed() const {
    return since_start(std::chrono::steady_clock::now());
  }

 private:
  using Time = std::chrono::steady_clock::time_point;

  std::chrono::microseconds since_start(Time time) const {
    return std::chrono::duration_cast<std::chrono::microseconds>(time - start_);
  }

  Time start_ = std::chrono::steady_clock::now();
  Time answered_ = start_;
};

}  // namespace phork::report
