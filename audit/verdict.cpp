// SPDX-License-Identifier: MIT
#include "audit/verdict.h"

#include <utility>

namespace phork::audit {
namespace {

constexpr const char* kSurvived = "it survived the event";

Verdict survivor(const Kind& kind, std::string_view strategy) {
  return kind.stays_under(strategy) ? Verdict::kKept : Verdict::kLeak;
}

// Why the events prove nothing; empty when they do.
std::string objection(const std::string& before, const Planted& planted) {
  if (planted.before != before) {
    return "it changes by itself: " + before + " in one event, " + planted.before + " in the next";
  }
  if (planted.after == planted.before) return "it did not take: still " + planted.after;
  return {};
}

}  // namespace

std::string_view table_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kLeak:
      return "LEAK";
    case Verdict::kUnavailable:
      return "n/a";
    default:
      return json_word(verdict);
  }
}

std::string_view json_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kClean:
      return "clean";
    case Verdict::kLeak:
      return "leak";
    case Verdict::kKept:
      return "kept";
    case Verdict::kShared:
      return "shared";
    case Verdict::kUnavailable:
      return "unavailable";
    case Verdict::kFailed:
      return "failed";
    case Verdict::kUntested:
      break;
  }
  return "untested";
}

Finding judge(const Kind& kind, std::string_view strategy, std::string before, Planted planted,
              std::string found) {
  Finding finding;
  finding.reason = objection(before, planted);
  const bool survived = found != before;
  if (kind.shared()) {
    finding.verdict = Verdict::kShared;
    if (finding.reason.empty()) {
      finding.reason = survived ? kSurvived : "it did not survive the event";
    }
  } else if (finding.reason.empty()) {
    finding.verdict = survived ? survivor(kind, strategy) : Verdict::kClean;
  }
  if (finding.verdict == Verdict::kKept) finding.reason = kSurvived;
  finding.before = std::move(before);
  finding.planted = std::move(planted.after);
  finding.found = std::move(found);
  return finding;
}

Finding unavailable(const Kind& kind) {
  Finding finding{.verdict = Verdict::kUnavailable};
  finding.reason = kind.reason.empty() ? "the probe gives no reason" : kind.reason;
  return finding;
}

Finding failed(std::string reason) {
  Finding finding{.verdict = Verdict::kFailed};
  finding.reason = std::move(reason);
  return finding;
}

}  // namespace phork::audit
