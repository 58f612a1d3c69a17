// SPDX-License-Identifier: MIT
//
// main() of every test program. Beside doctest's own options it knows --file=PATH, which may be
// repeated: only the cases of source files whose path ends in /PATH are left. doctest has filters
// for this, too, but its summary counts the cases that a filter leaves out as skipped; with --file
// a skipped case is one that skips itself.
#define DOCTEST_CONFIG_IMPLEMENT
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS  // a crash has to end the program, with its core and code
#include <algorithm>
#include <cstdio>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace {

std::vector<std::string> endings_of(int argc, char** argv) {
  constexpr std::string_view kOption = "--file=";
  std::vector<std::string> endings;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(kOption)) {
      endings.push_back('/' + std::string(argument.substr(kOption.size())));
    }
  }
  return endings;
}

// Takes the cases of all other files out of doctest's registry.
void keep_only(const std::vector<std::string>& endings) {
  std::erase_if(doctest::detail::getRegisteredTests(), [&](const auto& test_case) {
    const std::string_view file = test_case.m_file.c_str();
    return std::ranges::none_of(endings, [&](const auto& end) { return file.ends_with(end); });
  });
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> endings = endings_of(argc, argv);
  if (!endings.empty()) keep_only(endings);
  // A misspelt name would otherwise look like a success.
  if (doctest::detail::getRegisteredTests().empty()) {
    std::fputs("no test case: expected a file of this program after --file=\n", stderr);
    return 1;
  }
  return doctest::Context(argc, argv).run();
}
