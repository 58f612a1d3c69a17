// SPDX-License-Identifier: MIT
#include "bench/report/deployed_report.h"

#include <array>
#include <numeric>
#include <utility>

#include "bench/figures/text.h"
#include "runtime/base/json_writer.h"

namespace phork::bench {
namespace {

constexpr std::array<double, 3> kPercents{50, 90, 99};
constexpr double kUsPerMs = 1000;

std::string counted(std::size_t count, const char* noun) {
  return grouped(static_cast<double>(count)) + " " + noun + (count == 1 ? "" : "s");
}

void add_row(std::string& text, const char* name, const std::array<double, 3>& ms) {
  append_format(text, "%-10s", name);
  for (const double value : ms) append_format(text, "%11s", short_number(value).c_str());
  text += " ms\n";
}

// Nothing for no samples.
void add_samples(std::string& text, const char* name, const Samples& samples) {
  if (samples.empty()) return;
  std::array<double, 3> ms{};
  for (std::size_t i = 0; i < ms.size(); ++i) {
    ms[i] = static_cast<double>(percentile(samples, kPercents[i])) / kUsPerMs;
  }
  add_row(text, name, ms);
}

void add_heading(std::string& text) {
  append_format(text, "%-10s%11s%11s%11s\n", "", "p50", "p90", "p99");
}

double billed_ms(const FunctionLog& log) {
  return static_cast<double>(
             std::accumulate(log.billed_us.begin(), log.billed_us.end(), std::int64_t{0})) /
         kUsPerMs;
}

void add_log(std::string& text, const DeployedReport& report) {
  const FunctionLog& log = *report.log;
  text += report.log_file + ": " + counted(log.events(), "event") + ", " +
          counted(log.errors, "error") + ", " + counted(log.init_us.size(), "cold start");
  if (!log.restore_us.empty()) text += ", " + counted(log.restore_us.size(), "restore");
  text += "\n";
  add_heading(text);
  add_samples(text, "duration", log.duration_us);
  add_samples(text, "billed", log.billed_us);
  add_samples(text, "init", log.init_us);
  add_samples(text, "restore", log.restore_us);
  append_format(text, "billed %s ms in all; %s of %s MB used at most\n",
                grouped(billed_ms(log)).c_str(), grouped(log.used_mb).c_str(),
                grouped(log.memory_mb).c_str());
}

void write_samples(base::JsonWriter& json, std::string_view name, const Samples& samples) {
  if (samples.empty()) return;
  json.key(name).begin_object();
  for (const double percent : kPercents) {
    json.key("p" + std::to_string(static_cast<int>(percent)));
    json.number(static_cast<double>(percentile(samples, percent)) / kUsPerMs, 3);
  }
  json.end_object();
}

void write_log(base::JsonWriter& json, const FunctionLog& log) {
  const auto count = [&json](std::string_view name, std::size_t value) {
    json.key(name).integer(static_cast<std::int64_t>(value));
  };
  json.key("log").begin_object();
  count("events", log.events());
  count("errors", log.errors);
  count("cold_starts", log.init_us.size());
  count("restores", log.restore_us.size());
  write_samples(json, "duration_ms", log.duration_us);
  write_samples(json, "billed_ms", log.billed_us);
  write_samples(json, "init_ms", log.init_us);
  write_samples(json, "restore_ms", log.restore_us);
  json.key("billed_total_ms").number(billed_ms(log), 0);
  json.key("memory_mb").number(log.memory_mb, 0);
  json.key("max_memory_used_mb").number(log.used_mb, 0);
  json.end_object();
}

}  // namespace

std::string to_text(const DeployedReport& report) {
  std::string text;
  if (report.load) {
    text += report.url + ": " + counted(report.load->requests, "request") + ", " +
            std::to_string(report.concurrency) + " at a time, " +
            short_number(report.load->per_second) + " a second\n";
    add_heading(text);
    add_row(text, "request", {report.load->p50_ms, report.load->p90_ms, report.load->p99_ms});
  }
  if (report.load && report.log) text += "\n";
  if (report.log) add_log(text, report);
  return text;
}

std::string to_json(const DeployedReport& report) {
  base::JsonWriter json;
  json.begin_object();
  if (report.load) {
    const LoadResult& load = *report.load;
    json.field("url", report.url).key("requests").integer(load.requests);
    json.key("concurrency").integer(report.concurrency);
    json.key("per_second").number(load.per_second, 3);
    json.key("request_ms").begin_object();
    json.key("p50").number(load.p50_ms, 3).key("p90").number(load.p90_ms, 3);
    json.key("p99").number(load.p99_ms, 3).end_object();
  }
  if (report.log) write_log(json, *report.log);
  json.end_object();
  return std::move(json).text();
}

}  // namespace phork::bench
