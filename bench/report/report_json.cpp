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
constexpr std::array kPaces{Pace::kBackToBack, Pace::kSpaced};
constexpr std::array kFigures{Figure::kColdStart,  Figure::kFirstEvent, Figure::kCpu,
                              Figure::kTreeFaults, Figure::kThroughput, Figure::kMemory};
constexpr int kUsdDecimals = 6;

void write_strings(JsonWriter& json, const std::vector<std::string>& texts) {
  json.begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void write_distribution(JsonWriter& json, const Rounds& rounds) {
  const Samples all = pooled(rounds);
  json.begin_object().key("count").integer(static_cast<std::int64_t>(all.size()));
  for (const auto& [name, percent] : kPercentiles) json.key(name).integer(percentile(all, percent));
  json.key("p50_by_round").begin_array();
  for (const Samples& round : rounds) json.integer(percentile(round, 50));
  json.end_array().end_object();
}

// Leaves out measures that the subject did not report.
void write_pace(JsonWriter& json, const Series& series, Pace pace) {
  json.begin_object();
  for (const Measure measure : kMeasures) {
    const Rounds rounds = series.samples(pace, measure);
    if (!pooled(rounds).empty()) write_distribution(json.key(name_of(measure)), rounds);
  }
  json.end_object();
}

void write_machine(JsonWriter& json, const Machine& machine) {
  json.begin_object().key("cores").integer(machine.cores);
  json.field("processor", machine.processor).field("kernel", machine.kernel);
  json.key("memory_mb").integer(machine.memory_mb);
  json.field("huge_pages", machine.huge_pages).field("shmem_huge_pages", machine.shmem_huge);
  write_strings(json.field("commit", machine.commit).key("variables_set"), machine.variables);
  if (!machine.php.empty()) json.key("php").raw(machine.php);
  if (!machine.php_fpm.empty()) json.key("php_fpm").raw(machine.php_fpm);
  json.end_object();
}

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
  write_strings(json.begin_object().field("title", table.title).key("columns"), table.columns);
  json.key("rows").begin_array();
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

std::string_view word_of(Slate slate) {
  switch (slate) {
    case Slate::kBlank:
      return "blank";
    case Slate::kPhpFpm:
      return "php-fpm";
    case Slate::kShared:
      return "shared";
    case Slate::kUnknown:
      break;
  }
  return "unknown";
}

std::string_view word_of(SharingAudit::Outcome outcome) {
  switch (outcome) {
    case SharingAudit::Outcome::kClean:
      return "clean";
    case SharingAudit::Outcome::kLeaks:
      return "leaks";
    case SharingAudit::Outcome::kNotDone:
      break;
  }
  return "not done";
}

void write_estimate(JsonWriter& json, const Estimate& estimate) {
  json.begin_object().key("value").number(estimate.value, 1);
  json.key("low").number(estimate.interval.low, 1);
  json.key("high").number(estimate.interval.high, 1).end_object();
}

void write_percentiles(JsonWriter& json, const TimeFigures& times) {
  json.begin_object();
  write_estimate(json.key("p50"), times.p50);
  write_estimate(json.key("p90"), times.p90);
  write_estimate(json.key("p99"), times.p99);
  json.end_object();
}

// With 95 % intervals, which back_to_back and spaced do not have.
void write_estimates(JsonWriter& json, const SubjectFigures& figures) {
  json.begin_object();
  write_percentiles(json.key("latency_us"), figures.back_to_back.latency);
  if (figures.back_to_back.billed) {
    write_percentiles(json.key("billed_us"), *figures.back_to_back.billed);
  }
  write_percentiles(json.key("spaced_latency_us"), figures.spaced.latency);
  if (figures.spaced.billed) {
    write_percentiles(json.key("spaced_billed_us"), *figures.spaced.billed);
  }
  write_estimate(json.key("init_us"), figures.init_us);
  write_estimate(json.key("cold_start_us"), figures.cold_start_us);
  if (figures.events_per_second) {
    write_estimate(json.key("events_per_second"), *figures.events_per_second);
  }
  json.key("memory_kb").number(figures.memory_kb, 0);
  json.end_object();
}

void write_ab(JsonWriter& json, const LoadResult& ab) {
  json.begin_object().key("requests").integer(ab.requests);
  json.key("failed").integer(ab.failed);
  json.key("per_second").number(ab.per_second, 2).key("mean_ms").number(ab.mean_ms, 3);
  json.key("p50_ms").number(ab.p50_ms, 3).key("p90_ms").number(ab.p90_ms, 3);
  json.key("p99_ms").number(ab.p99_ms, 3).end_object();
}

void write_subject(JsonWriter& json, const SubjectReport& subject) {
  json.begin_object().field("label", subject.label).field("letter", subject.letter);
  json.field("slate", word_of(subject.slate));
  if (!subject.command.empty()) json.field("command", subject.command);
  if (!subject.measured()) {
    json.field("missing", subject.missing).end_object();
    return;
  }
  json.key("rounds").integer(static_cast<std::int64_t>(subject.series.rounds.size()));
  json.key("status").integer(subject.series.answer.status);
  write_estimates(json.key("estimates"), subject.figures);
  for (const Pace pace : kPaces) {
    write_pace(json.key(pace == Pace::kSpaced ? "spaced" : "back_to_back"), subject.series, pace);
  }
  json.key("by_round").begin_object();
  for (const Figure figure : kFigures) {
    json.key(name_of(figure)).begin_array();
    for (const double value : subject.series.figures(figure)) json.number(value, 1);
    json.end_array();
  }
  json.end_object();
  if (subject.ab) write_ab(json.key("ab"), *subject.ab);
  json.end_object();
}

void write_million(JsonWriter& json, const MillionEvents& size) {
  json.begin_object().key("memory_mb").integer(size.memory_mb);
  json.key("too_small").boolean(size.too_small);
  if (!size.too_small) {
    json.key("billed_ms").number(size.billed_ms, 3).key("init_ms").number(size.init_ms, 3);
    json.key("requests_usd").number(size.requests_usd, kUsdDecimals);
    json.key("duration_usd").number(size.duration_usd, kUsdDecimals);
    json.key("init_usd").number(size.init_usd, kUsdDecimals);
    json.key("storage_usd").number(size.storage_usd, kUsdDecimals);
    json.key("total_usd").number(size.total_usd, kUsdDecimals);
    json.key("spaced_total_usd").number(size.spaced_total_usd, kUsdDecimals);
  }
  json.end_object();
}

void write_cost(JsonWriter& json, const CostTable& cost) {
  json.begin_object().field("region", cost.region).field("prices_date", cost.prices_date);
  json.field("architecture", name_of(cost.options.architecture));
  json.key("cold_start_share").number(cost.options.cold_start_share, 4).key("rows").begin_array();
  for (const CostRow& row : cost.rows) {
    json.begin_object().field("label", row.label).key("sizes").begin_array();
    for (const MillionEvents& size : row.sizes) write_million(json, size);
    json.end_array().end_object();
  }
  json.end_array().end_object();
}

void write_day(JsonWriter& json, const DayReport& report) {
  json.begin_object().field("arrivals", report.arrivals.spec).key("days").begin_array();
  for (const DayResult& day : report.days) {
    json.begin_object().field("label", day.label).key("too_small").boolean(day.too_small);
    json.key("events").number(day.events, 0).key("throttled").number(day.throttled, 0);
    json.key("cold_starts").number(day.cold_starts, 1);
    json.key("cold_start_share").number(day.cold_start_share, 6);
    json.key("peak_environments").integer(day.peak_environments);
    json.key("mean_busy").number(day.mean_busy, 4);
    json.key("latency_p50_us").integer(day.latency_p50_us);
    json.key("latency_p99_us").integer(day.latency_p99_us);
    json.key("latency_p999_us").integer(day.latency_p999_us);
    json.key("gb_seconds").number(day.gb_seconds, 3);
    json.key("usd_per_day").number(day.usd_per_day, kUsdDecimals);
    json.key("usd_per_month").number(day.usd_per_month, kUsdDecimals).end_object();
  }
  json.end_array().end_object();
}

// The caller closes the object.
void begin_effort(JsonWriter& json, const Effort& effort) {
  json.key("effort").begin_object().key("rounds").integer(effort.rounds);
  json.key("warm_up").integer(effort.warm_up).key("events").integer(effort.events);
  json.key("spaced").integer(effort.spaced).key("pause_ms").integer(effort.pause.count());
}

void write_effort(JsonWriter& json, const FunctionReport& report) {
  const Effort& effort = report.effort;
  begin_effort(json, effort);
  json.key("part_limit_ms").integer(effort.part_limit.count());
  json.key("throughput_ms").integer(effort.throughput_time.count());
  json.key("concurrency").integer(report.concurrency);
  json.key("seconds").number(report.seconds, 1).end_object();
}

void write_conclusion(JsonWriter& json, const FunctionReport& report) {
  json.key("audit").begin_object().field("outcome", word_of(report.audit.outcome));
  json.key("events").integer(static_cast<std::int64_t>(report.audit.events)).key("leaks");
  write_strings(json, report.audit.leaks);
  json.field("reason", report.audit.reason).end_object().key("recommendation").begin_object();
  json.field("choice", report.recommendation.choice);
  json.field("headline", report.recommendation.headline).key("reasons");
  write_strings(json, report.recommendation.reasons);
  write_strings(json.key("cautions"), report.recommendation.cautions);
  json.end_object();
}

}  // namespace

std::string to_json(const SuiteReport& report) {
  JsonWriter json;
  json.begin_object();
  write_machine(json.key("machine"), report.machine);
  begin_effort(json, report.effort);
  json.end_object();
  json.key("good").boolean(report.good()).key("scenarios").begin_array();
  for (const ScenarioReport& scenario : report.scenarios) write_scenario(json, scenario);
  json.end_array().end_object();
  return std::move(json).text();
}

std::string to_json(const FunctionReport& report) {
  JsonWriter json;
  json.begin_object().field("version", PHORK_VERSION).field("date", report.date);
  json.field("runtime", report.runtime);
  json.key("function").begin_object().field("task_root", report.task_root);
  json.field("handler", report.handler).field("event", report.event);
  json.key("memory_mb").integer(report.memory_mb).end_object();
  write_machine(json.key("machine"), report.machine);
  write_effort(json, report);
  write_conclusion(json, report);
  json.key("subjects").begin_array();
  for (const SubjectReport& subject : report.subjects) write_subject(json, subject);
  json.end_array();
  write_strings(json.key("remarks"), report.remarks);
  if (!report.cost.rows.empty()) write_cost(json.key("cost"), report.cost);
  json.key("arrivals").begin_array();
  for (const DayReport& day : report.arrivals) write_day(json, day);
  json.end_array().end_object();
  return std::move(json).text();
}

}  // namespace phork::bench
