// SPDX-License-Identifier: MIT
#include "audit/report_text.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "audit/text_layout.h"

namespace phork::audit {
namespace {

using enum Verdict;

constexpr std::size_t kMostNames = 5;  // of changed values that a conclusion lists

struct Labelled {
  std::string label;
  const std::string& value;
};

// Divides `room` columns among the values: short ones leave their share to long ones.
std::vector<std::size_t> shares(const std::vector<Labelled>& values, std::size_t room) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t at) { return values[at].value.size(); });
  std::vector<std::size_t> widths(values.size());
  std::size_t left = values.size();
  for (const std::size_t at : order) {
    widths[at] = std::min(values[at].value.size(), room / left);
    room -= widths[at];
    --left;
  }
  return widths;
}

// One line, "  name: label value, label value". Only the values are shortened, unless names and
// labels alone fill the line.
std::string values_line(const std::string& begin, const std::vector<Labelled>& values, bool full) {
  std::size_t used = begin.size();
  for (const Labelled& entry : values) used += entry.label.size();
  const auto widths = shares(values, kLineWidth - std::min(used, kLineWidth));
  std::string line = begin;
  for (std::size_t i = 0; i < values.size(); ++i) {
    line += values[i].label;
    line += full ? plain(values[i].value) : shorten(values[i].value, widths[i]);
  }
  return (full ? plain(line) : shorten(line, kLineWidth)) + "\n";
}

std::string leak_line(const KindFinding& entry, bool full) {
  const Finding& finding = entry.finding;
  const std::string begin = "  " + entry.kind.name + ":";
  const Labelled before{", was ", finding.before};
  if (finding.planted == finding.found) {
    return values_line(begin, {{" planted and found ", finding.found}, before}, full);
  }
  return values_line(begin, {{" planted ", finding.planted}, {", found ", finding.found}, before},
                     full);
}

// For a kind that the strategy is known not to reset.
std::string kept_line(const KindFinding& entry, bool full) {
  const std::string line = "  " + entry.kind.name + ": kept: " + entry.kind.policy;
  return (full ? plain(line) : shorten(line, kLineWidth)) + "\n";
}

// For a kind that says nothing about isolation.
std::string reason_line(const KindFinding& entry, bool full) {
  std::string line = "  " + entry.kind.name + ": ";
  line.append(table_word(entry.finding.verdict)).append(": ").append(entry.finding.reason);
  if (!entry.kind.channel.empty()) line.append(" [").append(entry.kind.channel).append("]");
  if (!entry.kind.policy.empty()) line.append(" ").append(entry.kind.policy);
  return (full ? plain(line) : shorten(line, kLineWidth)) + "\n";
}

bool has_reason(const Finding& finding, bool full) {
  switch (finding.verdict) {
    case kClean:
    case kLeak:
    case kKept:
      return false;
    case kShared:
    case kUnavailable:
      return full;
    default:
      return true;
  }
}

// `lines` under a headline; "" without lines.
std::string section(const std::string& headline, const std::string& lines) {
  return lines.empty() ? "" : "\n" + headline + "\n" + lines;
}

std::string change_line(const Change& change, bool full) {
  std::string begin = "  " + change.key + ":";
  const std::string when =
      " after event " + std::to_string(change.event) +
      (change.times > 1 ? " (" + std::to_string(change.times) + " times)" : "");
  switch (change.how) {
    case Change::How::kAdded:
      return values_line(begin + " added" + when, {{": ", change.after}}, full);
    case Change::How::kRemoved:
      return values_line(begin + " removed" + when, {{": was ", change.before}}, full);
    case Change::How::kChanged:
      break;
  }
  return values_line(begin + " changed" + when, {{": ", change.before}, {" -> ", change.after}},
                     full);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string names_of(const std::vector<Change>& changes) {
  std::vector<std::string> names;
  for (const Change& change : changes) {
    if (names.size() < kMostNames) names.push_back(change.key);
  }
  if (names.size() == changes.size()) return joined(names);
  return joined(names) + " and " + std::to_string(changes.size() - kMostNames) + " more";
}

std::string application_clause(const ApplicationReport& application) {
  if (!application.examined()) {
    return "your application was not examined: " + application.unknown;
  }
  std::string in_events = " in " + count_of(application.events, "event");
  if (!application.gaps.empty()) in_events += " (not examined: " + joined(application.gaps) + ")";
  if (application.changes.empty()) return "your application left nothing behind" + in_events;
  return "your application left " + count_of(application.changes.size(), "changed value") +
         " to the next event" + in_events + ": " + names_of(application.changes);
}

// The name of what resets the state: the strategy itself, but for fpm another program.
std::string engine(const StrategyReport& report) {
  return report.strategy.name == "fpm" ? "php-fpm" : report.strategy.name;
}

// "; 2 kinds survive that php-fpm never resets: umask, locale"
std::string kept_clause(const StrategyReport& report, const Tally& counts) {
  if (counts[kKept] == 0) return {};
  std::vector<std::string> names;
  for (const KindFinding& entry : report.probe.kinds) {
    if (entry.finding.verdict == kKept) names.push_back(entry.kind.name);
  }
  return "; " + count_of(counts[kKept], "kind") + " survive" + (counts[kKept] == 1 ? "s" : "") +
         " that " + engine(report) + " never resets: " + joined(names);
}

// "none of 70 tested kinds of state survives an event". Kinds known to survive are counted apart.
std::string probe_clause(const StrategyReport& report, const Tally& counts) {
  const std::size_t promised = counts.tested() - counts[kKept];
  const std::string of =
      counts[kKept] == 0
          ? count_of(promised, "tested kind") + " of state survive"
          : count_of(promised, "tested kind") + " of state that it promises to reset survive";
  std::string text = counts[kLeak] == 0 ? "none of " + of + "s an event"
                                        : std::to_string(counts[kLeak]) + " of " + of +
                                              (counts[kLeak] == 1 ? "s" : "") + " an event";
  text += kept_clause(report, counts);
  const std::size_t open = counts[kFailed] + counts[kUntested];
  if (open > 0) text += "; " + count_of(open, "kind") + " could not be tested";
  return text;
}

std::string judgement(const StrategyReport& report, const Tally& counts) {
  const bool examined = report.application && report.application->examined();
  const bool left_nothing = examined && report.application->changes.empty();
  if (examined && !left_nothing) return "not safe";
  if (counts[kLeak] == 0) {
    if (counts.tested() == 0) return "not tested";
    if (counts[kFailed] > 0) return "not proven safe";
    return counts[kKept] == 0 ? "safe" : "as safe as " + engine(report);
  }
  return left_nothing ? "safe only for events that leave nothing behind" : "not safe";
}

}  // namespace

std::string probe_details(const StrategyReport& report, bool full) {
  std::string leaks;
  std::string kept;
  std::string reasons;
  for (const KindFinding& entry : report.probe.kinds) {
    if (entry.finding.verdict == kLeak) leaks += leak_line(entry, full);
    if (entry.finding.verdict == kKept) kept += kept_line(entry, full);
    if (has_reason(entry.finding, full)) reasons += reason_line(entry, full);
  }
  return section(report.strategy.name + ": state that survives an event", leaks) +
         section(report.strategy.name + ": state that " + engine(report) + " never resets", kept) +
         section(report.strategy.name + ": kinds that prove nothing", reasons);
}

std::string application_details(const StrategyReport& report, bool full) {
  if (!report.application) return {};
  std::string changes;
  for (const Change& change : report.application->changes) changes += change_line(change, full);
  std::string failures;
  for (const std::string& failure : report.application->failures) {
    failures += (full ? plain("  " + failure) : shorten("  " + failure, kLineWidth)) + "\n";
  }
  return section(report.strategy.name + ": what your application left behind", changes) +
         section(report.strategy.name + ": events that failed in your application", failures);
}

std::string conclusion(const StrategyReport& report) {
  const std::string name = report.strategy.name + ": ";
  if (!report.failure.empty()) return wrap(name + "not audited: " + report.failure, 2);
  const Tally counts = tally(report.probe);
  std::string text = name + judgement(report, counts) + ": " + probe_clause(report, counts);
  if (report.application) text += "; " + application_clause(*report.application);
  return wrap(text, 2);
}

std::string details(const AuditReport& report, bool full) {
  std::string text;
  std::string conclusions;
  for (const StrategyReport& strategy : report.strategies) {
    text += probe_details(strategy, full);
    text += application_details(strategy, full);
    conclusions += conclusion(strategy);
  }
  return text + section("conclusion", conclusions);
}

}  // namespace phork::audit
