// SPDX-License-Identifier: MIT
//
// One list of faults over every strategy, with real processes: each event gets exactly one answer
// of the right kind, the same bootstrap serves the next event, and no process or descriptor is
// left. Prints the table of docs/conformance.md and compares the two.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "tests/conformance/faults.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"

namespace {

using namespace phork;
using conformance::event_of;
using conformance::Fault;
using conformance::fault_options;
using conformance::judge;
using testing::Json;
using testing::Runtime;

// Counts the programs that the grandchild faults started.
int leftover_programs() {
  int found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);
    std::string line;
    std::getline(file, line);
    const std::string wanted = std::string("sleep") + '\0' + "31415";
    if (line.find(wanted) != std::string::npos) ++found;
  }
  return found;
}

class Suite {
 public:
  explicit Suite(const std::string& strategy)
      : strategy_(strategy), runtime_(fault_options(strategy)) {}

  // The cell of the table for this fault.
  std::string run(const Fault& fault) {
    if (strategy_ == "inprocess" && !fault.inprocess.empty()) return "not promised";
    settle();
    const int descriptors = testing::open_descriptors(runtime_.pid());
    const pid_t pid = runtime_.pid();
    INFO("strategy " << strategy_ << ", fault " << fault.name);
    const std::string verdict = judge(fault, strategy_, runtime_.invoke(event_of(fault)));
    CHECK_MESSAGE(verdict.empty(), verdict);
    const auto next = runtime_.invoke(R"({"id":1})");
    CHECK_MESSAGE(next.answered(), next.body);
    settle();
    CHECK(runtime_.pid() == pid);
    CHECK(testing::open_descriptors(runtime_.pid()) == descriptors);
    CHECK(testing::eventually([] { return leftover_programs() == 0; }));
    return verdict.empty() && next.answered() ? "ok" : "FAILED";
  }

 private:
  void settle() { runtime_.settled(); }

  std::string strategy_;
  Runtime runtime_;
};

std::string draw(const std::map<std::string, std::map<std::string, std::string>>& results) {
  std::ostringstream out;
  out << "| case |";
  for (const std::string& strategy : testing::all_strategies()) out << ' ' << strategy << " |";
  out << " the caller gets |\n|---|";
  for (std::size_t i = 0; i < testing::all_strategies().size(); ++i) out << "---|";
  out << "---|\n";
  for (const Fault& fault : conformance::all_faults()) {
    out << "| " << fault.name << " |";
    for (const std::string& strategy : testing::all_strategies()) {
      out << ' ' << results.at(strategy).at(std::string(fault.name)) << " |";
    }
    const std::string type = fault.type.empty() ? "" : '`' + std::string(fault.type) + '`';
    out << ' ' << (type.empty() ? "its answer" : type);
    if (!fault.fpm_type.empty()) out << "; under fpm `" << fault.fpm_type << '`';
    out << " |\n";
  }
  return out.str();
}

}  // namespace

TEST_SUITE("conformance") {
  TEST_CASE("every fault under every strategy") {
    std::map<std::string, std::map<std::string, std::string>> results;
    for (const std::string& strategy : testing::all_strategies()) {
      Suite suite(strategy);
      for (const Fault& fault : conformance::all_faults()) {
        results[strategy][std::string(fault.name)] = suite.run(fault);
      }
    }
    const std::string table = draw(results);
    std::cout << table;
    // There rollback does not boot, so the table lacks a column.
    if (testing::kAddressSanitizer) return;
    const std::string path = testing::source_path("docs/conformance.md");
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    CHECK_MESSAGE(text.str().find(table) != std::string::npos,
                  path << " does not hold the table above");
  }

  TEST_CASE("what PHP code writes into the register harms no event, with a child in advance, too") {
    testing::RuntimeOptions options = fault_options("fork");
    options.environment["PHORK_REFILL"] = "during";
    Runtime runtime(options);
    // Each of the two seats gets each of them.
    for (const char* fault : {"forged turn", "garbage in the register"}) {
      for (int event = 0; event < 4; ++event) {
        CAPTURE(fault);
        CAPTURE(event);
        const auto harmed = runtime.invoke(R"({"fault":")" + std::string(fault) + "\"}");
        CHECK_MESSAGE(harmed.answered(), harmed.body);
        for (int next = 0; next <= event % 2; ++next) CHECK(runtime.invoke("{}").answered());
      }
    }
    runtime.settled(testing::idle_processes("fork") + 1);
  }

  TEST_CASE("an event of 6 MB arrives whole, and one that is nested 600 deep is parsed") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(fault_options(strategy));
      const std::string text(6'000'000, 'x');
      const auto large = runtime.invoke(R"({"fault":"size","text":")" + text + "\"}");
      REQUIRE(large.answered());
      CHECK(Json(large.body).integer("size") == 6'000'000);
      const auto deep = runtime.invoke(std::string(600, '[') + std::string(600, ']'));
      CHECK_MESSAGE(deep.answered(), deep.body);
    }
  }
}
