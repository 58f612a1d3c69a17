// SPDX-License-Identifier: MIT
#include "runtime/report/metrics.h"

#include <strings.h>
#include <unistd.h>

#include "runtime/base/json_writer.h"

namespace phork::report {

base::Result<MetricsFormat> parse_metrics_format(std::string_view word) {
  const std::string text(word);
  if (text.empty() || ::strcasecmp(text.c_str(), "off") == 0) return MetricsFormat::kOff;
  if (::strcasecmp(text.c_str(), "json") == 0) return MetricsFormat::kJson;
  return base::Error{base::ErrorKind::kInvalid,
                     "report: PHORK_METRICS: expected off or json, got '" + text + "'"};
}

std::string format_json(const EventMetrics& metrics) {
  base::JsonWriter json;
  json.begin_object()
      .field("phork", "event")
      .field("request_id", metrics.request_id)
      .field("strategy", metrics.strategy);
  json.key("latency_us").integer(metrics.latency.count());
  json.key("billed_us").integer(metrics.billed.count());
  json.key("minor_faults").integer(metrics.minor_faults);
  json.key("php_us").integer(static_cast<std::int64_t>(metrics.php_us));
  json.key("generation").integer(metrics.generation);
  json.end_object();
  return std::move(json).text() + '\n';
}

void write_metrics(MetricsFormat format, const EventMetrics& metrics) {
  if (format == MetricsFormat::kOff) return;
  const std::string line = format_json(metrics);
  // A measurement that cannot be written is no reason to fail an event.
  [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, line.data(), line.size());
}

}  // namespace phork::report
