// SPDX-License-Identifier: MIT
#include "runtime/logging/metrics.h"

#include <utility>

#include "runtime/base/json_writer.h"
#include "runtime/base/log.h"

namespace phork::logging {
namespace {

// Tells CloudWatch which of the fields that format_emf() writes are metrics: each metric needs its
// field. Ready is not always there.
constexpr std::string_view kEmfDirective =
    R"([{"Namespace":"phork","Dimensions":[["FunctionName","Strategy"]],"Metrics":[)"
    R"({"Name":"Latency","Unit":"Microseconds"},{"Name":"Billed","Unit":"Microseconds"},)"
    R"({"Name":"PhpTime","Unit":"Microseconds"},{"Name":"MinorFaults","Unit":"Count"})";
constexpr std::string_view kEmfReady = R"(,{"Name":"Ready","Unit":"Microseconds"})";
constexpr std::string_view kEmfDirectiveEnd = "]}]";
// A dimension must not be empty.
constexpr std::string_view kNoFunctionName = "unknown";

}  // namespace

std::string format_json(const EventMetrics& metrics) {
  base::JsonWriter json;
  json.begin_object()
      .field("phork", "event")
      .field("request_id", metrics.request_id)
      .field("strategy", metrics.strategy);
  if (!metrics.refill.empty()) json.field("refill", metrics.refill);
  json.key("latency_us").integer(metrics.latency.count());
  json.key("billed_us").integer(metrics.billed.count());
  json.key("minor_faults").integer(metrics.minor_faults);
  json.key("php_us").integer(static_cast<std::int64_t>(metrics.php_us));
  json.key("generation").integer(metrics.generation);
  json.key("ready_us").integer(static_cast<std::int64_t>(metrics.ready_us));
  json.end_object();
  return std::move(json).text();
}

std::string format_emf(const EventMetrics& metrics, std::string_view function_name,
                       std::chrono::system_clock::time_point time) {
  const auto since_1970 =
      std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  const bool tells_ready = metrics.ready_us > 0;
  base::JsonWriter json;
  json.reserve(kEmfDirective.size() + 450);
  json.begin_object().key("_aws").begin_object();
  json.key("Timestamp").integer(since_1970.count());
  std::string directive(kEmfDirective);
  if (tells_ready) directive += kEmfReady;
  json.key("CloudWatchMetrics").raw(directive += kEmfDirectiveEnd);
  json.end_object();
  json.field("FunctionName", function_name.empty() ? kNoFunctionName : function_name)
      .field("Strategy", metrics.strategy)
      .field("RequestId", metrics.request_id);
  if (!metrics.refill.empty()) json.field("Refill", metrics.refill);
  json.key("Generation").integer(metrics.generation);
  json.key("Latency").integer(metrics.latency.count());
  json.key("Billed").integer(metrics.billed.count());
  json.key("PhpTime").integer(static_cast<std::int64_t>(metrics.php_us));
  json.key("MinorFaults").integer(metrics.minor_faults);
  if (tells_ready) json.key("Ready").integer(static_cast<std::int64_t>(metrics.ready_us));
  json.end_object();
  return std::move(json).text();
}

void MetricsWriter::write(const EventMetrics& metrics) const {
  if (format_ == base::MetricsFormat::kOff) return;
  const std::string line =
      format_ == base::MetricsFormat::kEmf
          ? format_emf(metrics, function_name_, std::chrono::system_clock::now())
          : format_json(metrics);
  base::LogRecord record;
  record.source = base::LogRecord::Source::kMetrics;
  record.text = line;
  base::log(record);
}

}  // namespace phork::logging
