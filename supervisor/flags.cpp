// SPDX-License-Identifier: MIT
#include "supervisor/flags.h"

#include <CLI/CLI.hpp>

#include "strategies/registry.h"

namespace phork::supervisor {
namespace {

std::string strategy_help() {
  std::string text = "How events are served (also PHORK_STRATEGY; default fork):";
  for (const strategies::StrategyEntry& entry : strategies::all_strategies()) {
    text.append("\n").append(1, entry.letter).append("  ").append(entry.name).append(": ");
    text.append(entry.summary);
  }
  return text;
}

}  // namespace

void Flags::add_to(CLI::App& app) {
  app.description("phork: PHP on AWS Lambda, a blank slate for every event");
  app.add_option("--strategy", strategy, strategy_help());
  // Emulators and images pass it by its place: ENTRYPOINT ["bootstrap"], CMD ["index.php"].
  app.add_option("handler,--handler", handler, "The entry, as in _HANDLER");
  app.add_flag("--list-strategies", list_strategies,
               "Print letter, name and isolation of each strategy");
  app.set_version_flag("--version", std::string("phork ") + PHORK_VERSION);
}

}  // namespace phork::supervisor
