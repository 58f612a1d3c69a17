// SPDX-License-Identifier: MIT
//
// Strategies fork and rollback under a random mix of good events and every fault: as many answers
// as events, each for its own id, from one bootstrap that does not grow. PHORK_TEST_EVENTS sets the
// number of events (600), PHORK_TEST_SEED repeats a run.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "tests/conformance/faults.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using conformance::Fault;
using testing::Json;
using testing::Runtime;

unsigned setting(const char* name, unsigned fallback) {
  const char* value = std::getenv(name);
  return value == nullptr ? fallback : static_cast<unsigned>(std::strtoul(value, nullptr, 10));
}

class Chaos {
 public:
  Chaos(const std::string& strategy, const std::string& refill, unsigned seed)
      : strategy_(strategy),
        idle_(testing::idle_processes(strategy) + (refill == "during" ? 1 : 0)),
        random_(seed),
        runtime_(options(strategy, refill)) {}

  void one_event(unsigned number) {
    const std::string id = "event-" + std::to_string(number);
    // Faults that run until their deadline are slow, so they are rare.
    const auto& fault = conformance::all_faults()[random_() % conformance::all_faults().size()];
    const bool faulty = random_() % (fault.slow ? 100 : 5) == 0;
    INFO("event " << number << ", " << (faulty ? fault.name : "none"));
    if (faulty) {
      const std::string verdict =
          conformance::judge(fault, strategy_, runtime_.invoke(conformance::event_of(fault)));
      CHECK_MESSAGE(verdict.empty(), verdict << "\n" << end_of_output());
    } else {
      good_event(id);
    }
  }

  // A zygote that a fault has retired stays until its last child, which may have asked for an event
  // already, has served one.
  void settle() {
    constexpr std::chrono::seconds kLimit{5};
    if (!runtime_.try_to_settle(idle_, kLimit)) good_event("settling");
    runtime_.settled(idle_);
  }

  // Under PHORK_CHECK_ROLLBACK a rollback that was not complete logs this.
  void check_output() {
    settle();
    CHECK_FALSE(testing::contains(runtime_.process().take_output(), "[bug]"));
  }

  pid_t pid() const { return runtime_.pid(); }

 private:
  void good_event(const std::string& id) {
    const auto result = runtime_.invoke(R"({"id":")" + id + "\"}");
    REQUIRE_MESSAGE(result.answered(), result.body);
    CHECK(Json(result.body).text("id") == id);
  }

  // Faults write a lot.
  std::string end_of_output() const {
    constexpr std::size_t kBytes = 4'000;
    const std::string all = runtime_.output();
    return all.substr(all.size() - std::min(all.size(), kBytes));
  }

  static testing::RuntimeOptions options(const std::string& strategy, const std::string& refill) {
    testing::RuntimeOptions options = conformance::fault_options(strategy);
    options.environment["PHORK_REFILL"] = refill;
    return options;
  }

  std::string strategy_;
  int idle_;
  std::mt19937 random_;
  Runtime runtime_;
};

void survive(const std::string& strategy, const std::string& refill = "before") {
  const unsigned events = testing::event_count(600);
  const unsigned seed = setting("PHORK_TEST_SEED", std::random_device{}());
  std::cout << strategy << ", refill " << refill << ", seed " << seed << ", " << events
            << " events\n";
  INFO("PHORK_TEST_SEED=" << seed);
  Chaos chaos(strategy, refill, seed);
  const pid_t pid = chaos.pid();
  for (unsigned event = 0; event < 100; ++event) chaos.one_event(event);
  chaos.settle();
  const int descriptors = testing::open_descriptors(pid);
  const long before_kb = testing::memory_kb(pid, "VmRSS");
  for (unsigned event = 100; event < events; ++event) {
    chaos.one_event(event);
    if (event % 1'000 == 0) chaos.check_output();
  }
  chaos.check_output();
  CHECK(chaos.pid() == pid);
  CHECK(testing::open_descriptors(pid) == descriptors);
  const long after_kb = testing::memory_kb(pid, "VmRSS");
  std::cout << "bootstrap: " << descriptors << " descriptors, " << before_kb
            << " KB after 100 events, " << after_kb << " KB at the end\n";
  // Several buffers grow to the largest answer, 6 MB each, and no further.
  constexpr long kMostGrowthKb = 65'536;
  CHECK(after_kb < before_kb + kMostGrowthKb);
}

}  // namespace

TEST_SUITE("chaos") {
  TEST_CASE("a random mix of faults under fork leaves bootstrap as it was") {
    survive("fork");
  }

  TEST_CASE(
      "a random mix of faults under fork with a child in advance leaves bootstrap as it was") {
    survive("fork", "during");
  }

  TEST_CASE("a random mix of faults under rollback leaves bootstrap as it was") {
    if (testing::kAddressSanitizer) return;
    survive("rollback");
  }
}
