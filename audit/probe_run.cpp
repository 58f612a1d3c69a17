// SPDX-License-Identifier: MIT
#include "audit/probe_run.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace phork::audit {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// A runtime that hangs costs the whole timeout of an event: enough is enough.
constexpr int kMostTimeouts = 3;

// What one kind came to, and the error behind Verdict::kFailed.
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

// What answers like this is no probe; that is not the fault of who asks.
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
                                          "': the probe has none of that name among its " +
                                          std::to_string(kinds->size())};
  }
  std::erase_if(kinds.value(),
                [&](const Kind& kind) { return std::ranges::count(only, kind.name) == 0; });
  return kinds;
}

}  // namespace

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
      tried.finding = failed("not asked: the kinds before it took too long");
    }
    if (tried.error == ErrorKind::kStopped) return Error{ErrorKind::kStopped, "audit: stopped"};
    if (tried.error == ErrorKind::kTimeout) ++timeouts;
    report.kinds.push_back({std::move(kind), std::move(tried.finding)});
  }
  return report;
}

}  // namespace phork::audit
