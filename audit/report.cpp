// SPDX-License-Identifier: MIT
#include "audit/report.h"

#include <string_view>
#include <utility>

#include "runtime/base/json_writer.h"

namespace phork::audit {
namespace {

using base::JsonWriter;

bool leaks(const StrategyReport& report) {
  const bool by_application = report.application && !report.application->changes.empty();
  return by_application || tally(report.probe)[Verdict::kLeak] > 0;
}

// An application that runs but was not recorded is no failure: the probe's findings stand.
bool incomplete(const StrategyReport& report) {
  const Tally counts = tally(report.probe);
  if (report.application && !report.application->started) return true;
  return !report.failure.empty() || counts[Verdict::kFailed] > 0 ||
         counts.tested() + counts[Verdict::kShared] == 0;
}

// `value` is JSON already; null when no event told it.
void write_value(JsonWriter& json, std::string_view name, const std::string& value) {
  json.key(name);
  if (value.empty()) {
    json.null();
  } else {
    json.raw(value);
  }
}

void write_count(JsonWriter& json, std::string_view name, std::size_t count) {
  json.key(name).integer(static_cast<std::int64_t>(count));
}

void write_kind(JsonWriter& json, const KindFinding& entry) {
  json.begin_object().field("name", entry.kind.name).field("group", entry.kind.group);
  json.field("title", entry.kind.title).field("verdict", json_word(entry.finding.verdict));
  write_value(json, "before", entry.finding.before);
  write_value(json, "planted", entry.finding.planted);
  write_value(json, "found", entry.finding.found);
  json.field("reason", entry.finding.reason).field("channel", entry.kind.channel);
  json.field("policy", entry.kind.policy).end_object();
}

void write_counts(JsonWriter& json, const Tally& counts) {
  json.key("counts").begin_object();
  for (std::size_t verdict = 0; verdict < kVerdicts; ++verdict) {
    write_count(json, json_word(static_cast<Verdict>(verdict)), counts.counts[verdict]);
  }
  json.end_object();
}

std::string_view word(Change::How how) {
  switch (how) {
    case Change::How::kAdded:
      return "added";
    case Change::How::kRemoved:
      return "removed";
    case Change::How::kChanged:
      break;
  }
  return "changed";
}

void write_change(JsonWriter& json, const Change& change) {
  json.begin_object().field("key", change.key).field("how", word(change.how));
  write_value(json, "before", change.before);
  write_value(json, "after", change.after);
  write_count(json, "event", change.event);
  write_count(json, "times", change.times);
  json.end_object();
}

void write_application(JsonWriter& json, const ApplicationReport& application) {
  json.key("application").begin_object();
  json.key("started").boolean(application.started);
  json.key("examined").boolean(application.examined()).field("reason", application.unknown);
  write_count(json, "events", application.events);
  write_count(json, "records", application.records);
  json.key("changes").begin_array();
  for (const Change& change : application.changes) write_change(json, change);
  json.end_array().key("gaps").begin_array();
  for (const std::string& group : application.gaps) json.string(group);
  json.end_array().key("failures").begin_array();
  for (const std::string& failure : application.failures) json.string(failure);
  json.end_array().end_object();
}

void write_strategy(JsonWriter& json, const StrategyReport& report) {
  json.begin_object().field("name", report.strategy.name);
  json.key("isolates").boolean(report.strategy.isolates);
  json.key("counts_for_exit_code").boolean(report.counts()).field("failure", report.failure);
  json.field("php", report.probe.identity.php).field("sapi", report.probe.identity.sapi);
  write_counts(json, tally(report.probe));
  json.key("kinds").begin_array();
  for (const KindFinding& entry : report.probe.kinds) write_kind(json, entry);
  json.end_array();
  if (report.application) write_application(json, *report.application);
  json.end_object();
}

std::string_view word(Outcome outcome) {
  switch (outcome) {
    case Outcome::kNoLeak:
      return "no leak";
    case Outcome::kLeak:
      return "leak";
    case Outcome::kIncomplete:
      break;
  }
  return "incomplete";
}

}  // namespace

Tally tally(const ProbeReport& probe) {
  Tally tally;
  for (const KindFinding& entry : probe.kinds) {
    ++tally.counts[static_cast<std::size_t>(entry.finding.verdict)];
  }
  return tally;
}

Outcome outcome(const AuditReport& report) {
  Outcome outcome = Outcome::kNoLeak;
  for (const StrategyReport& strategy : report.strategies) {
    if (!strategy.counts()) continue;
    if (leaks(strategy)) return Outcome::kLeak;
    if (incomplete(strategy)) outcome = Outcome::kIncomplete;
  }
  return outcome;
}

std::string to_json(const AuditReport& report) {
  JsonWriter json;
  json.begin_object().field("directory", report.directory);
  json.field("outcome", word(outcome(report))).key("strategies").begin_array();
  for (const StrategyReport& strategy : report.strategies) write_strategy(json, strategy);
  json.end_array().end_object();
  return std::move(json).text();
}

}  // namespace phork::audit
