// SPDX-License-Identifier: MIT
//
// When a zygote has learned enough: after a rehearsal before its first event, else after its first
// events. Each time that it takes something over, the zygote logs a line of level debug. Real
// bootstrap, real PHP.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

// Seven classes and a regular expression.
constexpr const char* kUseAll =
    R"({"use":["Counter","Derived","Suit","Point"],"match":["/x/"],"value":"v"})";
constexpr const char* kUseOne = R"({"use":["Counter"]})";

std::vector<std::string> forking_strategies() {
  if (testing::kAddressSanitizer) return {"fork"};
  return {"fork", "rollback"};
}

RuntimeOptions options_of(const std::string& handler, const std::string& strategy,
                          const std::string& warmup = {}) {
  RuntimeOptions options;
  options.handler = handler;
  options.strategy = strategy;
  options.environment = {{"PHORK_LEARN", "on"},
                         {"AWS_LAMBDA_LOG_LEVEL", "DEBUG"},
                         {"AWS_LAMBDA_LOG_FORMAT", "JSON"},
                         {"PHORK_WARMUP", warmup}};
  return options;
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++found;
  return found;
}

// How many pages events have taught so far.
int learned_pages(const Runtime& runtime) {
  constexpr std::string_view kLine = "zygote: learned pages, now ";
  const std::string output = runtime.output_when_idle();
  const std::size_t last = output.rfind(kLine);
  return last == std::string::npos ? 0 : std::stoi(output.substr(last + kLine.size()));
}

// Which pages an event uses depends a little on time, too: where it must wait, it takes other ways
// through the code. The sanitizer's allocator gives each event other pages.
bool are_most(int pages, int later) {
  return testing::kAddressSanitizer || (pages > 50 && later - pages <= pages / 3);
}

std::vector<std::int64_t> serve(Runtime& runtime, const std::string& payload, int events) {
  std::vector<std::int64_t> pids;
  for (int event = 0; event < events; ++event) {
    pids.push_back(answer_of(runtime, payload).integer("pid"));
  }
  return pids;
}

// The zygote takes classes over beside the events.
bool comes_to_say(const Runtime& runtime, const std::string& text) {
  return testing::eventually([&] { return contains(runtime.output(), text); });
}

std::size_t distinct(const std::vector<std::int64_t>& pids) {
  return std::set(pids.begin(), pids.end()).size();
}

}  // namespace

TEST_SUITE("learning_steady") {
  TEST_CASE("after a rehearsal the first events teach next to nothing") {
    const ScratchFolder scratch;
    const std::string event = scratch.write("event.json", kUseAll);
    for (const std::string& strategy : forking_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_of("learning.php", strategy, event + ";" + event));
      REQUIRE_MESSAGE(comes_to_say(runtime, "on huge pages"), runtime.output());
      const int before = learned_pages(runtime);
      const int names = count(runtime.output(), "names of files");
      const auto pids = serve(runtime, kUseAll, 20);
      const int after = learned_pages(runtime);
      CAPTURE(before);
      CHECK_MESSAGE(are_most(before, after), after, runtime.output());
      CHECK(count(runtime.output(), "names of files") == names);
      CHECK(distinct(pids) == (strategy == "fork" ? 20 : 1));
    }
  }

  TEST_CASE("without a rehearsal the first events teach, and later ones of the same kind little") {
    for (const std::string& strategy : forking_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_of("learning.php", strategy));
      serve(runtime, kUseAll, 3);
      REQUIRE_MESSAGE(comes_to_say(runtime, "names of files"), runtime.output());
      serve(runtime, kUseAll, 4);
      const int before = learned_pages(runtime);
      serve(runtime, kUseAll, 20);
      const int after = learned_pages(runtime);
      CAPTURE(before);
      CHECK_MESSAGE(are_most(before, after), after, runtime.output());
      CHECK(count(runtime.output_when_idle(), "names of files") == 1);
    }
  }

  TEST_CASE("under rollback one process serves, from the first event on") {
    if (testing::kAddressSanitizer) return;
    const ScratchFolder scratch;
    for (const std::string& warmup : {std::string(), scratch.write("event.json", kUseAll)}) {
      CAPTURE(warmup);
      // With a rehearsal the process has all of it; else too little is new for another process.
      Runtime runtime(options_of("learning.php", "rollback", warmup));
      CHECK(distinct(serve(runtime, warmup.empty() ? kUseOne : kUseAll, 100)) == 1);
    }
  }

  TEST_CASE("under rollback a process that lacks many lessons is replaced, once") {
    if (testing::kAddressSanitizer) return;
    Runtime runtime(options_of("learning.php", "rollback"));
    const auto first = serve(runtime, kUseAll, 3);
    CHECK(distinct(first) == 1);
    REQUIRE_MESSAGE(comes_to_say(runtime, "names of files"), runtime.output());
    const auto pids = serve(runtime, kUseAll, 100);
    CHECK(pids[1] != first[0]);
    CHECK(distinct({pids.begin() + 1, pids.end()}) == 1);
    CHECK(answer_of(runtime, R"({"ask":["Point"]})").boolean("there.Point"));
  }

  TEST_CASE("a rehearsal that ends badly in a copy of the zygote is one line, and events follow") {
    const ScratchFolder scratch;
    const std::pair<std::string, std::string> ends[] = {
        {"kill", "the copy was killed by signal 9"},
        {"leave", "the copy ended itself with exit code 3"},
        {"exit", "the copy failed to serve it"},
        {"hang", "the copy was interrupted, because the rehearsal's budget is used up"}};
    for (const std::string& strategy : forking_strategies()) {
      for (const auto& end : ends) {
        CAPTURE(strategy);
        CAPTURE(end.first);
        const std::string event =
            scratch.write(end.first + ".json", R"({"inCopy":")" + end.first + "\"}");
        RuntimeOptions options = options_of("learning_copy.php", strategy, event);
        options.environment["PHORK_WARMUP_BUDGET_MS"] = "1000";
        Runtime runtime(options);
        CHECK(serve(runtime, "{}", 2).size() == 2);
        const std::string output = runtime.output_when_idle();
        CHECK_MESSAGE(count(output, "in a copy of the zygote: ") == 1, output);
        CHECK_MESSAGE(contains(output, end.second), output);
      }
    }
  }
}
