// SPDX-License-Identifier: MIT
#include "audit/probe_run.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace phork::audit {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr const char* kSurvived = "it survived the event";

Verdict survivor(const Kind& kind, std::string_view strategy) {
  return kind.stays_under(strategy) ? Verdict::kKept : Verdict::kLeak;
}

// The reason why the answers prove nothing; empty when they prove something.
std::string objection(const std::string& before, const Planted& planted) {
  if (planted.before != before) {
    return "it changes by itself: " + before + " in one event, " + planted.before + " in the next";
  }
  if (planted.after == planted.before) return "planting did not change it: still " + planted.after;
  return {};
}

// Each event of a runtime that hangs costs its whole timeout, so the run gives up after these.
constexpr int kMostTimeouts = 3;

// `error` is the one behind Verdict::kFailed.
struct Tried {
  Finding finding;
  std::optional<ErrorKind> error;
};

Tried failed_at(const char* word, const Error& error) {
  return {failed(std::string(word) + ": " + error.text), error.kind};
}

Tried try_kind(const Ask& ask, const Kind& kind, std::string_view strategy) {
  if (!kind.available) return {unavailable(kind), std::nullopt};
  const auto look = [&]() -> Result<std::string> {
    Result<std::string> answer = ask(look_event(kind.name));
    return answer ? read_look(answer.value(), kind.name) : std::move(answer);
  };
  const auto plant = [&]() -> Result<Planted> {
    const Result<std::string> answer = ask(plant_event(kind.name));
    if (!answer) return answer.error();
    return read_plant(answer.value(), kind.name);
  };
  Result<std::string> before = look();
  if (!before) return failed_at("look", before.error());
  Result<Planted> planted = plant();
  if (!planted) return failed_at("plant", planted.error());
  Result<std::string> found = look();
  if (!found) return failed_at("look after plant", found.error());
  return {judge(kind, strategy, std::move(before).value(), std::move(planted).value(),
                std::move(found).value()),
          std::nullopt};
}

// The answers are not those of a probe, which is not the caller's fault: not kInvalid.
Error no_probe(const Error& error) {
  return {ErrorKind::kRefused, error.text};
}

Result<std::vector<Kind>> ask_kinds(const Ask& ask, const std::vector<std::string>& only) {
  const Result<std::string> answer = ask(kinds_event());
  if (!answer) return answer.error();
  Result<std::vector<Kind>> kinds = read_kinds(answer.value());
  if (!kinds) return no_probe(kinds.error());
  if (only.empty()) return kinds;
  for (const std::string& name : only) {
    if (std::ranges::find(kinds.value(), name, &Kind::name) != kinds->end()) continue;
    return Error{ErrorKind::kInvalid, "audit: select kind '" + name +
                                          "': expected a name that the probe lists, one of " +
                                          std::to_string(kinds->size())};
  }
  std::erase_if(kinds.value(),
                [&](const Kind& kind) { return std::ranges::count(only, kind.name) == 0; });
  return kinds;
}

}  // namespace

std::string_view table_word(Verdict verdict) {
  if (verdict == Verdict::kLeak) return "LEAK";
  return verdict == Verdict::kUnavailable ? "n/a" : json_word(verdict);
}

std::string_view json_word(Verdict verdict) {
  constexpr std::array<std::string_view, kVerdicts> kWords{
      "clean", "leak", "kept", "shared", "unavailable", "failed", "untested"};
  return kWords[static_cast<std::size_t>(verdict)];
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

Result<ProbeReport> run_probe(const Ask& ask, const ProbeOptions& options) {
  Result<std::vector<Kind>> kinds = ask_kinds(ask, options.only);
  if (!kinds) return std::move(kinds).error();
  const Result<std::string> answer = ask(identity_event());
  if (!answer) return answer.error();
  Result<Identity> identity = read_identity(answer.value());
  if (!identity) return no_probe(identity.error());

  ProbeReport report{std::move(identity).value(), {}};
  int timeouts = 0;
  for (Kind& kind : kinds.value()) {
    if (options.progress) options.progress(report.kinds.size() + 1, kinds->size(), kind);
    Tried tried;
    if (timeouts < kMostTimeouts) {
      tried = try_kind(ask, kind, options.strategy);
    } else {
      tried.finding = failed("not asked: too many kinds before it timed out");
    }
    if (tried.error == ErrorKind::kStopped) return Error{ErrorKind::kStopped, "audit: stopped"};
    if (tried.error == ErrorKind::kTimeout) ++timeouts;
    report.kinds.push_back({std::move(kind), std::move(tried.finding)});
  }
  return report;
}

}  // namespace phork::audit
