// SPDX-License-Identifier: MIT
#include "audit/strategy_list.h"

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <strings.h>

namespace phork::audit {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// Nothing is left of an empty text; "a,,b" has an empty word in its middle.
std::vector<std::string> split(std::string_view words) {
  std::vector<std::string> parts;
  std::istringstream stream{std::string(words)};
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

bool is_named(const StrategyName& strategy, const std::string& word) {
  return ::strcasecmp(strategy.name.c_str(), word.c_str()) == 0 ||
         ::strcasecmp(std::string(1, strategy.letter).c_str(), word.c_str()) == 0;
}

std::string names_of(const std::vector<StrategyName>& strategies) {
  std::string names;
  for (const StrategyName& strategy : strategies) names += ", " + strategy.name;
  return names;
}

}  // namespace

Result<std::vector<StrategyName>> read_strategies(std::string_view text) {
  std::vector<StrategyName> strategies;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    StrategyName strategy;
    std::string isolation;
    words >> strategy.letter >> strategy.name >> isolation;
    if (words.fail() || (isolation != "isolated" && isolation != "shared")) {
      return Error{ErrorKind::kInvalid,
                   "audit: read strategies: expected lines of letter, name and isolated or shared"};
    }
    strategy.isolates = isolation == "isolated";
    strategies.push_back(std::move(strategy));
  }
  if (strategies.empty()) {
    return Error{ErrorKind::kInvalid, "audit: read strategies: expected one at least, got none"};
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
