// SPDX-License-Identifier: MIT
#include "strategies/registry.h"

#include <algorithm>
#include <array>

#include "runtime/base/text.h"
#include "strategies/fpm.h"

namespace phork::strategies {
namespace {

constexpr std::array kStrategies{
    // Fresh for an event: the request variables; a script also runs from its beginning, but a
    // handler keeps its globals and statics. The boot is paid once, at cold start. A fatal error or
    // a crash costs the event and a restart of PHP.
    StrategyEntry{.letter = 'A',
                  .name = "inprocess",
                  .isolates = false,
                  .streams = true,
                  .summary = "one process boots once and serves every event",
                  .workers = Workers::kLooping},
    // Fresh: everything. The boot is paid inside every event, by its caller, and a boot failure is
    // that event's failure. A crash costs the event and nothing else.
    StrategyEntry{.letter = 'B',
                  .name = "exec",
                  .isolates = true,
                  .streams = true,
                  .summary = "a PHP process is started inside each event",
                  .workers = Workers::kGiven},
    // Fresh: everything. The boot is paid between events: no caller waits for it, but it uses
    // processor time. A crash costs the event and nothing else.
    StrategyEntry{.letter = 'C',
                  .name = "prespawn",
                  .isolates = true,
                  .streams = true,
                  .summary = "a PHP process is booted before each event",
                  .workers = Workers::kPrespawned},
    // Fresh: everything that lives in the process; all children share the booted state as it was
    // before the first event. The boot is paid once; each event pays for a fork, beside or before
    // it (PHORK_REFILL). A crash costs the event; after 16 crashes a new zygote boots beside the
    // old one. https://en.wikipedia.org/wiki/Zygote_(Android) is the same idea.
    StrategyEntry{.letter = 'D',
                  .name = "fork",
                  .isolates = true,
                  .streams = true,
                  .summary = "a fork of a booted process serves each event",
                  .workers = Workers::kForked},
    // The yardstick: how most PHP applications run on servers (docs/fpm.md). Fresh: whatever
    // php-fpm resets between two requests; the entry runs from its beginning with a warm opcache,
    // so the boot is paid inside every event. A crash costs the event.
    StrategyEntry{.letter = 'E',
                  .name = "fpm",
                  .isolates = true,
                  .streams = false,
                  .summary = "php-fpm serves each event, and resets what it always resets",
                  .workers = Workers::kServed},
    // Fresh: memory and the kernel state that is compared (docs/rollback.md). The boot is paid
    // once; each event pays for putting back the pages it wrote. A worker that crashes, or whose
    // state differs, costs its event at most, and is replaced by another fork of the zygote.
    StrategyEntry{.letter = 'F',
                  .name = "rollback",
                  .isolates = true,
                  .streams = true,
                  .summary = "one process, its memory is put back after each event",
                  .workers = Workers::kRolledBack},
};

bool matches(const StrategyEntry& entry, std::string_view word) {
  return base::equal_in_any_case(word, {&entry.letter, 1}) ||
         base::equal_in_any_case(word, entry.name);
}

}  // namespace

std::span<const StrategyEntry> all_strategies() {
  return kStrategies;
}

base::Result<const StrategyEntry*> find_strategy(std::string_view word) {
  const auto* found = std::ranges::find_if(
      kStrategies, [word](const StrategyEntry& entry) { return matches(entry, word); });
  if (found != kStrategies.end()) return found;
  std::string names;
  for (const StrategyEntry& entry : kStrategies) {
    names.append(names.empty() ? "" : ", ").append(entry.name).append(" (").append(1, entry.letter);
    names.push_back(')');
  }
  return base::Error{
      base::ErrorKind::kInvalid,
      "strategies: unknown strategy '" + std::string(word) + "': expected one of " + names};
}

std::unique_ptr<Strategy> make_strategy(const Settings& settings) {
  return make_fpm(settings);
}

}  // namespace phork::strategies
