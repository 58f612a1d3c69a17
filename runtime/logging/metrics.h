// SPDX-License-Identifier: MIT
//
// One line per event about what it cost, in the function's log, when PHORK_METRICS asks for it: an
// object of our own, or one from which CloudWatch makes metrics. Holds ids and figures only.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/settings.h"

namespace phork::logging {

struct EventMetrics {
  std::string_view request_id;
  std::string_view strategy;
  std::chrono::microseconds latency{};  // from receiving the event to the posted answer
  std::chrono::microseconds billed{};   // from receiving the event until its slot asks for the next
  std::uint32_t minor_faults = 0;       // of the PHP process, during the event
  std::uint64_t php_us = 0;             // in the PHP process
  std::uint32_t generation = 0;
  // From the start, or fork, of the PHP process to its being ready; 0 under rollback.
  std::uint64_t ready_us = 0;
  std::string_view refill{};  // PHORK_REFILL as it took effect; "" where it has no effect
};

// `{"phork":"event","request_id":...}`
std::string format_json(const EventMetrics& metrics);

// CloudWatch's embedded metric format: Latency, Billed, PhpTime, MinorFaults and, of processes that
// were made ready before their event, Ready, in the namespace phork by function and strategy. Each
// is a metric that CloudWatch charges for; request id, generation and refill are only in the log.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
std::string format_emf(const EventMetrics& metrics, std::string_view function_name,
                       std::chrono::system_clock::time_point time);

// Writes the lines of one function in the chosen format. Any thread.
class MetricsWriter {
 public:
  MetricsWriter() = default;

  MetricsWriter(base::MetricsFormat format, std::string function_name)
      : format_(format), function_name_(std::move(function_name)) {}

  void write(const EventMetrics& metrics) const;

  base::MetricsFormat format() const { return format_; }

 private:
  base::MetricsFormat format_ = base::MetricsFormat::kOff;
  std::string function_name_;
};

}  // namespace phork::logging
