// SPDX-License-Identifier: MIT
//
// The verdict of `phork audit` on each kind of state under each strategy is the one in
// docs/isolation.md: a reset between two events that is left out shows as a leak, and a kind that
// is no longer tested shows, too.
#include <algorithm>
#include <cstddef>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using testing::Json;

// A kind in the documentation: its verdicts under fork, inprocess and fpm.
struct Row {
  std::string kind;
  std::map<std::string, std::string> verdicts;
};

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream text(line.substr(1));
  for (std::string cell; std::getline(text, cell, '|');) {
    const std::size_t begin = cell.find_first_not_of(" `");
    const std::size_t end = cell.find_last_not_of(" `");
    cells.push_back(begin == std::string::npos ? "" : cell.substr(begin, end - begin + 1));
  }
  return cells;
}

std::vector<Row> documented() {
  std::ifstream page(testing::source_path("docs/isolation.md"));
  std::vector<Row> rows;
  bool is_table = false;
  for (std::string line; std::getline(page, line);) {
    is_table = is_table || line == "## Kinds of state";
    if (!is_table || !line.starts_with("| `")) continue;
    const std::vector<std::string> cells = cells_of(line);
    REQUIRE_MESSAGE(cells.size() == 7, line);
    rows.push_back({cells[0], {{"fork", cells[4]}, {"inprocess", cells[5]}, {"fpm", cells[6]}}});
  }
  REQUIRE(rows.size() > 150);
  return rows;
}

std::string expected_of(const Row& row, const std::string& strategy) {
  if (row.verdicts.contains(strategy)) return row.verdicts.at(strategy);
  const bool has_no_zygote = strategy != "rollback" && row.kind.starts_with("zygote-");
  return has_no_zygote ? "n/a" : row.verdicts.at("fork");
}

// In the words of the table.
std::string word_of(const std::string& verdict) {
  if (verdict == "leak") return "LEAK";
  return verdict == "unavailable" ? "n/a" : verdict;
}

void collect(const Json& report, std::map<std::string, std::string>& verdicts) {
  std::string path = "strategies.0.kinds.0";
  for (std::size_t i = 0; report.has(path);) {
    verdicts[report.text(path + ".name")] = word_of(report.text(path + ".verdict"));
    path = "strategies.0.kinds." + std::to_string(++i);
  }
}

// By the name of the kind. Some kinds a run: a boot per event is slow, and run_program() allows
// 20 s.
std::map<std::string, std::string> audited(const std::string& strategy,
                                           const std::vector<Row>& rows) {
  constexpr std::size_t kMostKinds = 24;
  const testing::ScratchFolder folder;
  std::map<std::string, std::string> verdicts;
  for (std::size_t from = 0; from < rows.size(); from += kMostKinds) {
    std::vector<std::string> arguments{"audit",      testing::source_path("examples/probe"),
                                       "--json",     folder.file("audit.json"),
                                       "--strategy", strategy};
    for (std::size_t i = from; i < std::min(from + kMostKinds, rows.size()); ++i) {
      arguments.insert(arguments.end(), {"--kind", rows[i].kind});
    }
    const auto ended = testing::run_program(testing::program("phork"), arguments, {});
    const bool leaks = strategy == "inprocess";
    CHECK_MESSAGE((ended.status.code == 0 || (leaks && ended.status.code == 1)), ended.output);
    collect(Json(folder.read("audit.json")), verdicts);
  }
  return verdicts;
}

}  // namespace

TEST_SUITE("audit verdicts") {
  TEST_CASE("each kind has the documented verdict under each strategy") {
    const std::vector<Row> rows = documented();
    for (const std::string& strategy : testing::all_strategies()) {
      if (testing::kAddressSanitizer && strategy == "rollback") continue;
      const auto verdicts = audited(strategy, rows);
      CHECK(verdicts.size() == rows.size());
      for (const Row& row : rows) {
        CAPTURE(strategy);
        CAPTURE(row.kind);
        REQUIRE(verdicts.contains(row.kind));
        const std::string expected = expected_of(row, strategy);
        const std::string& found = verdicts.at(row.kind);
        // This PHP may have an extension that Debian's packages of the tests lack.
        const bool has_more = row.verdicts.at("fork") == "n/a" && found != "n/a";
        CHECK((has_more || found == expected));
      }
    }
  }
}
