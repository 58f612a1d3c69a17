// SPDX-License-Identifier: MIT
#include "tests/support/served.h"

#include <algorithm>
#include <cstdlib>

#include <doctest/doctest.h>

#include "tests/support/text.h"

namespace phork::testing {
namespace {

std::vector<std::string> arguments_of(const std::string& folder,
                                      const std::vector<std::string>& flags) {
  std::vector<std::string> arguments{"serve", folder, "--port", "0"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  if (std::ranges::find(flags, "--log") == flags.end()) {
    arguments.insert(arguments.end(), {"--log", "lambda"});
  }
  return arguments;
}

}  // namespace

Served::Served(const std::string& folder, const std::vector<std::string>& flags,
               const std::map<std::string, std::string>& environment)
    : program_(testing::program("phork"), arguments_of(folder, flags), environment) {
  const std::string mark = "ready: http://127.0.0.1:";
  REQUIRE_MESSAGE(logs(mark), log());
  const std::string printed = log();
  port_ = static_cast<std::uint16_t>(std::atoi(printed.c_str() + printed.find(mark) + mark.size()));
}

bool Served::logs(const std::string& text) const {
  return eventually([&] { return contains(log(), text); });
}

}  // namespace phork::testing
