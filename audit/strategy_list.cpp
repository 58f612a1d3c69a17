// SPDX-License-Identifier: MIT
#include "audit/strategy_list.h"

#include <algorithm>
#include <chrono>
#include <sstream>
#include <utility>

#include "runtime/base/text.h"
#include "runtime/process/spawn.h"

namespace phork::audit {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// An empty text has no words; "a,,b" has an empty word in the middle.
std::vector<std::string> split(std::string_view words) {
  std::vector<std::string> parts;
  std::istringstream stream{std::string(words)};
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

bool is_named(const StrategyName& strategy, const std::string& word) {
  return base::equal_in_any_case(strategy.name, word) ||
         base::equal_in_any_case({&strategy.letter, 1}, word);
}

std::string names_of(const std::vector<StrategyName>& strategies) {
  std::string names;
  for (const StrategyName& strategy : strategies) names += ", " + strategy.name;
  return names;
}

}  // namespace

Result<std::vector<StrategyName>> offered_strategies(const std::string& program) {
  constexpr std::chrono::seconds kTimeout{10};
  process::SpawnOptions options;
  options.program = program;
  options.arguments = {program, "--list-strategies"};
  options.environment = process::current_environment();
  const auto output =
      process::run_to_end(std::move(options), kTimeout, process::ErrorStream::kOurs);
  if (!output) return output.error();
  if (output->succeeded()) return read_strategies(output->text);
  return Error{ErrorKind::kInvalid, "audit: list strategies of '" + program +
                                        "': expected exit code 0, got " + output->describe_end()};
}

Result<std::vector<StrategyName>> read_strategies(std::string_view text) {
  std::vector<StrategyName> strategies;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    StrategyName strategy;
    std::string isolation;
    words >> strategy.letter >> strategy.name >> isolation;
    if (words.fail() || (isolation != "isolated" && isolation != "shared")) {
      return Error{
          ErrorKind::kInvalid,
          "audit: read strategies: expected lines such as 'D fork isolated', got '" + line + "'"};
    }
    strategy.isolates = isolation == "isolated";
    strategies.push_back(std::move(strategy));
  }
  if (strategies.empty()) {
    return Error{ErrorKind::kInvalid,
                 "audit: read strategies: expected at least one line, got none"};
  }
  return strategies;
}

Result<std::vector<StrategyName>> choose_strategies(const std::vector<StrategyName>& offered,
                                                    std::string_view words) {
  if (words == "all") return offered;
  const std::vector<std::string> wanted = split(words);
  for (const std::string& word : wanted.empty() ? std::vector<std::string>{""} : wanted) {
    const auto found = std::ranges::find_if(
        offered, [&](const StrategyName& strategy) { return is_named(strategy, word); });
    if (found != offered.end()) continue;
    return Error{ErrorKind::kInvalid,
                 "audit: select strategy '" + word + "': expected all" + names_of(offered)};
  }
  std::vector<StrategyName> chosen = offered;
  std::erase_if(chosen, [&](const StrategyName& strategy) {
    return std::ranges::none_of(wanted,
                                [&](const std::string& word) { return is_named(strategy, word); });
  });
  return chosen;
}

}  // namespace phork::audit
