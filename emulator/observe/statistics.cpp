// SPDX-License-Identifier: MIT
#include "emulator/observe/statistics.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <simdjson.h>

#include "runtime/base/json_writer.h"

namespace phork::emulator {
namespace {

double to_ms(Microseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

void write_percentiles(base::JsonWriter& json, std::string_view name, const Percentiles& value) {
  json.key(name).begin_object();
  json.key("p50").integer(value.p50).key("p90").integer(value.p90).key("p99").integer(value.p99);
  json.end_object();
}

std::string table_row(const char* name, const Percentiles& value) {
  std::array<char, 100> row{};
  const auto ms = [](std::int64_t us) { return static_cast<double>(us) / 1000.0; };
  std::snprintf(row.data(), row.size(), "%-10s %10.3f %10.3f %10.3f ms\n", name, ms(value.p50),
                ms(value.p90), ms(value.p99));
  return row.data();
}

}  // namespace

std::optional<RuntimeMetrics> RuntimeMetrics::parse(std::string_view line) {
  if (!line.starts_with("{\"phork\":\"event\"")) return std::nullopt;
  thread_local simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(line.data(), line.size()).get(object) != simdjson::SUCCESS) return std::nullopt;
  const auto text = [&object](const char* name) {
    std::string_view value;
    return object[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
  };
  const auto number = [&object](const char* name) {
    std::int64_t value = 0;
    return object[name].get(value) == simdjson::SUCCESS ? std::optional(value) : std::nullopt;
  };
  return RuntimeMetrics{text("request_id"), text("strategy"), number("minor_faults"),
                        number("ready_us"), text("refill")};
}

void Statistics::add(const EventRecord& record) {
  const std::lock_guard lock(mutex_);
  if (record.streamed) first_byte_us_.push_back(record.first_byte.count());
  latency_us_.push_back(record.latency.count());
  billed_us_.push_back(record.billed.count());
  queue_us_.push_back(record.queued.count());
  if (record.ending != Ending::kAnswered) ++errors_;
}

void Statistics::add(const RuntimeMetrics& metrics) {
  const std::lock_guard lock(mutex_);
  if (!metrics.strategy.empty()) strategy_ = metrics.strategy;
  refill_ = metrics.refill;
  minor_faults_.push_back(metrics.minor_faults.value_or(0));
}

void Statistics::add_error() {
  const std::lock_guard lock(mutex_);
  ++errors_;
}

void Statistics::add_unserved() {
  const std::lock_guard lock(mutex_);
  ++unserved_;
  ++errors_;
}

void Statistics::add_environment() {
  const std::lock_guard lock(mutex_);
  ++environments_;
}

void Statistics::add_cold_start(Microseconds cold_start) {
  const std::lock_guard lock(mutex_);
  cold_starts_us_.push_back(cold_start.count());
}

void Statistics::add_memory(std::uint64_t pss_kb) {
  const std::lock_guard lock(mutex_);
  peak_pss_kb_ = std::max(peak_pss_kb_, pss_kb);
}

void Statistics::add_tree_faults(std::uint64_t faults, std::size_t events) {
  const std::lock_guard lock(mutex_);
  tree_faults_ += faults;
  tree_events_ += events;
}

Summary Statistics::summary() const {
  const std::lock_guard lock(mutex_);
  Summary summary;
  summary.strategy = strategy_;
  summary.refill = refill_;
  summary.events = latency_us_.size() + unserved_;
  summary.errors = errors_;
  if (!first_byte_us_.empty()) summary.first_byte_us = Percentiles::of(first_byte_us_);
  summary.latency_us = Percentiles::of(latency_us_);
  summary.billed_us = Percentiles::of(billed_us_);
  summary.queue_us = Percentiles::of(queue_us_);
  summary.environments = environments_;
  summary.cold_starts = cold_starts_us_.size();
  summary.cold_start_ms = to_ms(Microseconds(percentile(cold_starts_us_, 50)));
  summary.max_memory_mb = static_cast<double>(peak_pss_kb_) / 1024.0;
  // Without metrics lines, use the mean over the process tree instead of the median.
  if (!minor_faults_.empty()) {
    summary.minor_faults_p50 = percentile(minor_faults_, 50);
  } else if (tree_events_ > 0) {
    summary.minor_faults_p50 = static_cast<std::int64_t>(tree_faults_ / tree_events_);
  }
  return summary;
}

std::string Summary::to_json() const {
  base::JsonWriter json;
  json.begin_object().field("strategy", strategy);
  if (!refill.empty()) json.field("refill", refill);
  json.key("events").integer(static_cast<std::int64_t>(events));
  json.key("errors").integer(static_cast<std::int64_t>(errors));
  if (first_byte_us) write_percentiles(json, "first_byte_us", *first_byte_us);
  write_percentiles(json, "latency_us", latency_us);
  write_percentiles(json, "billed_us", billed_us);
  write_percentiles(json, "queue_us", queue_us);
  json.key("environments").integer(static_cast<std::int64_t>(environments));
  json.key("cold_starts").integer(static_cast<std::int64_t>(cold_starts));
  // Two names for Lambda's Init Duration, process start -> first `next`.
  json.key("cold_start_ms").number(cold_start_ms, 2).key("init_ms").number(cold_start_ms, 2);
  json.key("max_memory_mb").number(max_memory_mb, 1);
  json.key("minor_faults_p50").integer(minor_faults_p50).end_object();
  return std::move(json).text();
}

std::string Summary::to_table() const {
  std::array<char, 200> line{};
  std::string table = std::to_string(events) + " events, " + std::to_string(errors) +
                      " errors, strategy " + strategy + (refill.empty() ? "" : ", refill ") +
                      refill + '\n';
  std::snprintf(line.data(), line.size(), "%-10s %10s %10s %10s\n", "", "p50", "p90", "p99");
  table += line.data();
  if (first_byte_us) table += table_row("first byte", *first_byte_us);
  table += table_row("latency", latency_us);
  table += table_row("billed", billed_us);
  table += table_row("queue", queue_us);
  std::snprintf(line.data(), line.size(),
                "%zu cold starts (p50 %.1f ms) in %zu environments, max memory %.1f MB, "
                "minor faults per event %lld\n",
                cold_starts, cold_start_ms, environments, max_memory_mb,
                static_cast<long long>(minor_faults_p50));
  return table += line.data();
}

}  // namespace phork::emulator
