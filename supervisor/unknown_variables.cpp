// SPDX-License-Identifier: MIT
#include "supervisor/unknown_variables.h"

#include <algorithm>
#include <array>
#include <unistd.h>

#include "runtime/base/log.h"
#include "runtime/base/nearest.h"

namespace phork::supervisor {
namespace {

constexpr std::string_view kPrefix = "PHORK_";

// All that docs/settings.md has, without the prefix.
constexpr std::array<std::string_view, 23> kSettings{"COMPRESS",
                                                     "CORE_DUMPS",
                                                     "DEADLINE_MARGIN_MS",
                                                     "ENTRY",
                                                     "FD_POLICY",
                                                     "FILE_CACHE",
                                                     "FPM",
                                                     "GRACEFUL_SHUTDOWN",
                                                     "LEARN",
                                                     "MAX_EVENTS",
                                                     "METRICS",
                                                     "PREBOOT",
                                                     "REFILL",
                                                     "RESPONSE",
                                                     "ROUTE",
                                                     "SECRETS",
                                                     "SERVER_SOFTWARE",
                                                     "SPARES",
                                                     "STRATEGY",
                                                     "TRACE",
                                                     "WARMUP",
                                                     "WARMUP_BUDGET_MS",
                                                     "WORKER"};

}  // namespace

std::vector<std::string> advice_on_variables(const std::vector<std::string_view>& variables) {
  std::vector<std::string> lines;
  for (const std::string_view variable : variables) {
    if (!variable.starts_with(kPrefix)) continue;
    const std::string_view name =
        variable.substr(kPrefix.size(), variable.find('=') - kPrefix.size());
    if (std::ranges::find(kSettings, name) != kSettings.end()) continue;
    const std::string_view meant = base::nearest(name, kSettings);
    if (meant.empty()) continue;
    lines.push_back(std::string("settings: ")
                        .append(kPrefix)
                        .append(name)
                        .append(" has no effect: expected a setting of phork, such as ")
                        .append(kPrefix)
                        .append(meant));
  }
  return lines;
}

void warn_of_unknown_variables() {
  std::vector<std::string_view> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  for (const std::string& line : advice_on_variables(variables)) base::log_warn(line);
}

}  // namespace phork::supervisor
