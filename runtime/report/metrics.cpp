// SPDX-License-Identifier: MIT
#include "runtime/report/metrics.h"

#include <strings.h>

#include "runtime/base/json_writer.h"
#include "runtime/base/log.h"

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
  json.key("ready_us").integer(static_cast<std::int64_t>(metrics.ready_us));
  json.end_object();
  return std::move(json).text();
}

void write_metrics(MetricsFormat format, const EventMetrics& metrics) {
  if (format == MetricsFormat::kOff) return;
  const std::string json = format_json(metrics);
  base::LogRecord record;
  record.source = base::LogRecord::Source::kMetrics;
  record.text = json;
  base::log(record);
}

}  // namespace phork::report
