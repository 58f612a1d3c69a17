// SPDX-License-Identifier: MIT
#include "bench/measure/function_log.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include <simdjson.h>

#include "runtime/base/text.h"

namespace phork::bench {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::string_view kText = "REPORT RequestId: ";
constexpr std::string_view kJson = "platform.report";

// One REPORT line; times in milliseconds.
struct Report {
  std::optional<double> duration;
  std::optional<double> billed;
  std::optional<double> init;
  std::optional<double> restore;
  double memory_mb = 0;
  double used_mb = 0;
  bool failed = false;
};

// Nothing for what Lambda does not write: its milliseconds and megabytes are finite.
std::optional<double> checked(std::optional<double> value) {
  constexpr double kMost = 1e9;
  return value && *value >= 0 && *value <= kMost ? value : std::nullopt;
}

// The number of the field `name`, which comes first or behind a tab: "Duration" is no part of
// "Billed Duration" then.
std::optional<double> field(std::string_view line, std::string_view name) {
  const std::string label = "\t" + std::string(name) + ": ";
  const std::size_t at = line.find(label);
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + label.size());
  return checked(base::take_number<double>(line));
}

Report read_text(std::string_view line) {
  return {.duration = field(line, "Duration"),
          .billed = field(line, "Billed Duration"),
          .init = field(line, "Init Duration"),
          .restore = field(line, "Restore Duration"),
          .memory_mb = field(line, "Memory Size").value_or(0),
          .used_mb = field(line, "Max Memory Used").value_or(0),
          .failed = line.find("\tStatus: ") != std::string_view::npos};
}

std::optional<double> member(const simdjson::dom::element& metrics, std::string_view name) {
  double value = 0;
  if (metrics[name].get(value) != simdjson::SUCCESS) return std::nullopt;
  return checked(value);
}

// Nothing when it is another object that mentions a report.
std::optional<Report> read_json(std::string_view object) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::element metrics;
  std::string_view type;
  std::string_view status;
  if (parser.parse(object.data(), object.size()).get(root) != simdjson::SUCCESS ||
      root["type"].get(type) != simdjson::SUCCESS || type != kJson ||
      root["record"]["metrics"].get(metrics) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  const bool known = root["record"]["status"].get(status) == simdjson::SUCCESS;
  return Report{.duration = member(metrics, "durationMs"),
                .billed = member(metrics, "billedDurationMs"),
                .init = member(metrics, "initDurationMs"),
                .restore = member(metrics, "restoreDurationMs"),
                .memory_mb = member(metrics, "memorySizeMB").value_or(0),
                .used_mb = member(metrics, "maxMemoryUsedMB").value_or(0),
                .failed = known && status != "success"};
}

std::optional<Report> read_line(std::string_view line) {
  if (const std::size_t at = line.find(kText); at != std::string_view::npos) {
    return read_text(line.substr(at));
  }
  if (line.find(kJson) == std::string_view::npos) return std::nullopt;
  const std::size_t begin = line.find('{');
  const std::size_t end = line.rfind('}');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return std::nullopt;
  }
  return read_json(line.substr(begin, end - begin + 1));
}

void add_time(Samples& samples, std::optional<double> ms) {
  if (ms) samples.push_back(std::llround(*ms * 1000));
}

}  // namespace

base::Result<FunctionLog> read_function_log(std::string_view text) {
  FunctionLog log;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::optional<Report> report = read_line(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
    ++number;
    if (!report) continue;
    if (!report->duration || !report->billed) {
      return Error{ErrorKind::kInvalid,
                   "bench: read log: line " + std::to_string(number) +
                       ": expected a REPORT with Duration and Billed Duration, got another"};
    }
    add_time(log.duration_us, report->duration);
    add_time(log.billed_us, report->billed);
    add_time(log.init_us, report->init);
    add_time(log.restore_us, report->restore);
    log.memory_mb = std::max(log.memory_mb, report->memory_mb);
    log.used_mb = std::max(log.used_mb, report->used_mb);
    if (report->failed) ++log.errors;
  }
  if (log.events() > 0) return log;
  return Error{ErrorKind::kInvalid,
               "bench: read log: expected REPORT lines of Lambda, found none "
               "in " +
                   std::to_string(number) +
                   " lines; `aws logs tail GROUP --since 10m` prints them"};
}

}  // namespace phork::bench
