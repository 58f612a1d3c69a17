// SPDX-License-Identifier: MIT
#include "bench/report/report_json.h"

#include <array>
#include <string_view>
#include <utility>

#include "runtime/base/json_writer.h"

namespace phork::bench {
namespace {

using base::JsonWriter;

constexpr std::array<std::pair<std::string_view, double>, 6> kPercentiles = {
    {{"p5", 5}, {"p50", 50}, {"p90", 90}, {"p95", 95}, {"p99", 99}, {"max", 100}}};
constexpr std::array kMeasures = {Measure::kLatency, Measure::kBilled, Measure::kQueued,
                                  Measure::kFaults, Measure::kReady};

void write_series(JsonWriter& json, const Series& series) {
  json.begin_object().field("label", series.label).field("strategy", series.strategy);
  write_pace(json.key("back_to_back"), series, Pace::kBackToBack);
  write_pace(json.key("spaced"), series, Pace::kSpaced);
  write_distribution(json.key("cold_start_us"), {series.cold_starts_us()});
  json.key("memory_kb").begin_array();
  for (const Round& round : series.rounds) json.integer(round.usage.pss_kb());
  json.end_array().key("zygote_huge_kb").begin_array();
  for (const Round& round : series.rounds) json.integer(round.usage.zygote().huge_kb);
  json.end_array().end_object();
}

void write_table(JsonWriter& json, const Table& table) {
  json.begin_object().field("title", table.title).key("columns").begin_array();
  for (const std::string& column : table.columns) json.string(column);
  json.end_array().key("rows").begin_array();
  for (const Table::Row& row : table.rows) {
    json.begin_object().field("label", row.label).key("values").begin_array();
    for (const double value : row.values) json.number(value, 2);
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

void write_finding(JsonWriter& json, const Finding& finding) {
  json.begin_object().field("target", finding.target).field("unit", finding.unit);
  json.key("limit").number(finding.limit, 3).key("measured");
  if (finding.measured) {
    json.number(*finding.measured, 3);
  } else {
    json.null();
  }
  json.field("verdict", name_of(finding.verdict())).field("note", finding.note).end_object();
}

void write_scenario(JsonWriter& json, const ScenarioReport& scenario) {
  json.begin_object().field("name", scenario.name).field("title", scenario.title);
  if (!scenario.skipped.empty()) json.field("skipped", scenario.skipped);
  if (!scenario.failure.empty()) json.field("failure", scenario.failure);
  json.key("findings").begin_array();
  for (const Finding& finding : scenario.findings) write_finding(json, finding);
  json.end_array().key("series").begin_array();
  for (const Series& series : scenario.series) write_series(json, series);
  json.end_array().key("tables").begin_array();
  for (const Table& table : scenario.tables) write_table(json, table);
  json.end_array().end_object();
}

}  // namespace

void write_pace(JsonWriter& json, const Series& series, Pace pace) {
  json.begin_object();
  for (const Measure measure : kMeasures) {
    const Rounds rounds = series.samples(pace, measure);
    if (!pooled(rounds).empty()) write_distribution(json.key(name_of(measure)), rounds);
  }
  json.end_object();
}

void write_distribution(JsonWriter& json, const Rounds& rounds) {
  const Distribution all(pooled(rounds));
  json.begin_object().key("count").integer(static_cast<std::int64_t>(all.count()));
  for (const auto& [name, percent] : kPercentiles) json.key(name).integer(all.percentile(percent));
  json.key("p50_by_round").begin_array();
  for (const Samples& round : rounds) json.integer(Distribution(round).p50());
  json.end_array().end_object();
}

void write_machine(JsonWriter& json, const Machine& machine) {
  json.begin_object().key("cores").integer(machine.cores);
  json.field("processor", machine.processor).field("kernel", machine.kernel);
  json.key("memory_mb").integer(machine.memory_mb);
  json.field("huge_pages", machine.huge_pages).field("shmem_huge_pages", machine.shmem_huge);
  json.field("commit", machine.commit).key("variables_set").begin_array();
  for (const std::string& name : machine.variables) json.string(name);
  json.end_array();
  if (!machine.php.empty()) json.key("php").raw(machine.php);
  if (!machine.php_fpm.empty()) json.key("php_fpm").raw(machine.php_fpm);
  json.end_object();
}

std::string to_json(const Report& report) {
  JsonWriter json;
  json.begin_object();
  write_machine(json.key("machine"), report.machine);
  json.key("effort").begin_object();
  json.key("rounds").integer(report.effort.rounds);
  json.key("warm_up").integer(report.effort.warm_up);
  json.key("events").integer(report.effort.events);
  json.key("spaced").integer(report.effort.spaced);
  json.key("pause_ms").integer(report.effort.pause.count()).end_object();
  json.key("good").boolean(report.good()).key("scenarios").begin_array();
  for (const ScenarioReport& scenario : report.scenarios) write_scenario(json, scenario);
  json.end_array().end_object();
  return std::move(json).text();
}

}  // namespace phork::bench
