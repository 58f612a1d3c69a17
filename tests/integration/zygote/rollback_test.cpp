// SPDX-License-Identifier: MIT
//
// Strategy rollback: no kind of state that an event leaves in its process reaches the next event, a
// change that cannot be rolled back ends the process, and thousands of events do not make a process
// grow.
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

RuntimeOptions rollback_options(const std::string& handler = "plants.php") {
  RuntimeOptions options;
  options.handler = handler;
  options.strategy = "rollback";
  options.environment["PHP_INI_SCAN_DIR"] = ":" + testing::source_path("tests/fixtures/ini");
  options.environment["AWS_LAMBDA_LOG_LEVEL"] = "DEBUG";
  // So that no worker is replaced because the zygote has learned.
  options.environment["PHORK_LEARN"] = "off";
  // Each rollback compares all memory with the snapshot, and logs a difference.
  options.environment["PHORK_CHECK_ROLLBACK"] = "1";
  return options;
}

struct Seen {
  std::int64_t pid;
  std::int64_t resident_pages;
  std::int64_t mappings;           // the kernel may merge them differently in another process
  std::vector<std::string> lines;  // one for each kind of state
};

std::vector<std::string> texts(const Json& answer, const std::string& list) {
  std::vector<std::string> found;
  for (int i = 0; answer.has(list + "." + std::to_string(i)); ++i) {
    found.push_back(answer.text(list + "." + std::to_string(i)));
  }
  return found;
}

Seen look(Runtime& runtime) {
  const Json answer = answer_of(runtime, R"({"look":true})");
  Seen seen{answer.integer("pid"), answer.integer("resident"), answer.integer("mappings"),
            texts(answer, "seen")};
  REQUIRE(seen.lines.size() > 30);
  return seen;
}

// After one event that fills opcache's shared memory, which is not rolled back.
Seen first_look(Runtime& runtime) {
  look(runtime);
  return look(runtime);
}

void check_same(const Seen& seen, const Seen& expected) {
  REQUIRE(seen.lines.size() == expected.lines.size());
  for (std::size_t i = 0; i < seen.lines.size(); ++i) CHECK(seen.lines[i] == expected.lines[i]);
}

Json plant(Runtime& runtime, const std::string& name) {
  Json answer = answer_of(runtime, R"({"plant":")" + name + "\"}");
  CHECK(answer.boolean("planted"));
  return answer;
}

// The names of all plants in plants.php; from kFirstKept on they cannot be rolled back.
std::vector<std::string> plants(Runtime& runtime) {
  return texts(answer_of(runtime, R"({"names":true})"), "names");
}

constexpr const char* kFirstKept = "living child";

// True where the strategy refuses to boot; the case then ends.
bool unavailable() {
  if (testing::kAddressSanitizer) MESSAGE("rollback does not run under the address sanitizer");
  return testing::kAddressSanitizer;
}

}  // namespace

TEST_SUITE("rollback") {
  TEST_CASE("the next event in a process does not see what the event before changed in it") {
    if (unavailable()) return;
    RuntimeOptions options = rollback_options();
    SUBCASE("on this kernel") {}
    SUBCASE("with the system calls of an old kernel") {
      options.environment["PHORK_OLD_KERNEL"] = "1";
    }
    Runtime runtime(options);
    const Seen untouched = first_look(runtime);
    int count = 0;
    for (const std::string& name : plants(runtime)) {
      if (name == kFirstKept) break;
      CAPTURE(name);
      CHECK(plant(runtime, name).integer("pid") == untouched.pid);
      const Seen after = look(runtime);
      check_same(after, untouched);
      REQUIRE_MESSAGE(after.pid == untouched.pid, runtime.output());
      CHECK(after.mappings == untouched.mappings);
      ++count;
    }
    CHECK(count > 40);
    CHECK_FALSE(contains(runtime.output_when_idle(), "[bug]"));
  }

  TEST_CASE("a process that cannot be rolled back ends and says why, and another one serves") {
    if (unavailable()) return;
    RuntimeOptions options = rollback_options();
    SUBCASE("on this kernel") {}
    SUBCASE("with the system calls of an old kernel") {
      options.environment["PHORK_OLD_KERNEL"] = "1";
    }
    Runtime runtime(options);
    const Seen untouched = first_look(runtime);
    bool kept = false;
    std::size_t told = runtime.output_when_idle().size();
    for (const std::string& name : plants(runtime)) {
      kept = kept || name == kFirstKept;
      if (!kept) continue;
      CAPTURE(name);
      const std::int64_t pid = plant(runtime, name).integer("pid");
      const Seen after = look(runtime);
      check_same(after, untouched);
      CHECK(after.pid != pid);
      const std::string output = runtime.output_when_idle();
      CHECK_MESSAGE(contains(output.substr(told), "worker ends: "), output.substr(told));
      told = output.size();
    }
    CHECK(kept);
  }

  TEST_CASE("events in one process share no randomness") {
    if (unavailable()) return;
    Runtime runtime(rollback_options());
    std::set<std::int64_t> pids;
    for (const char* generator : {"random.0", "random.1", "random.2"}) {
      CAPTURE(generator);
      std::set<std::string> drawn;
      for (int event = 0; event < 4; ++event) {
        const Json answer = answer_of(runtime, "{}");
        drawn.insert(answer.raw(generator));
        pids.insert(answer.integer("pid"));
      }
      CHECK(drawn.size() == 4);
    }
    CHECK(pids.size() == 1);
  }

  TEST_CASE("PHORK_MAX_EVENTS counts the events of each process") {
    if (unavailable()) return;
    RuntimeOptions options = rollback_options();
    options.environment["PHORK_MAX_EVENTS"] = "3";
    Runtime runtime(options);
    std::vector<std::int64_t> pids;
    for (int event = 0; event < 6; ++event) {
      pids.push_back(answer_of(runtime, "{}").integer("pid"));
    }
    CHECK(std::set(pids.begin(), pids.begin() + 3).size() == 1);
    CHECK(std::set(pids.begin() + 3, pids.end()).size() == 1);
    CHECK(pids.front() != pids.back());
  }

  TEST_CASE("a line without a line end belongs to the event that printed it") {
    if (unavailable()) return;
    RuntimeOptions options = rollback_options("prints.php");
    Runtime runtime(options);
    for (const std::string word : {"alpha", "beta"}) {
      emulator::Event event;
      event.request_id = "id-of-" + word;
      event.payload = "\"" + word + "\"";
      REQUIRE(runtime.invoke(event).answered());
    }
    const std::string output = runtime.output_when_idle();
    CHECK_MESSAGE(contains(output, "id-of-alpha\tINFO\talpha\n"), output);
    CHECK_MESSAGE(contains(output, "id-of-beta\tINFO\tbeta\n"), output);
  }

  TEST_CASE("under the address sanitizer rollback refuses to boot") {
    if (!testing::kAddressSanitizer) return;
    Runtime runtime(rollback_options());
    runtime.process().wait_exit();
    CHECK(contains(runtime.init_error(), "address sanitizer"));
  }

  TEST_CASE("thousands of events in one process leave its memory and descriptors as they were") {
    if (unavailable()) return;
    RuntimeOptions options = rollback_options();
    options.environment.erase("PHORK_CHECK_ROLLBACK");
    Runtime runtime(options);
    const auto serve = [&runtime](unsigned events) {
      for (unsigned event = 0; event < events; ++event) {
        answer_of(runtime, event % 10 == 0 ? R"({"plant":"cycles"})" : R"({"plant":"file"})");
      }
    };
    // The first events make private copies of the pages that they write.
    serve(20);
    const Seen before = look(runtime);
    const unsigned events = testing::event_count(2'000);
    serve(events);
    const Seen after = look(runtime);
    CHECK(after.pid == before.pid);
    check_same(after, before);
    CHECK(after.mappings == before.mappings);
    constexpr std::int64_t kMostGrowthPages = 256;
    CHECK(after.resident_pages < before.resident_pages + kMostGrowthPages);
    MESSAGE("resident pages: " << before.resident_pages << ", after " << events << " events "
                               << after.resident_pages);
  }

  TEST_CASE("a process whose boot has opened the standard streams is put back") {
    if (unavailable()) return;
    Runtime runtime(rollback_options("boot_streams.php"));
    const std::int64_t pid = answer_of(runtime).integer("pid");
    for (int event = 0; event < 5; ++event) CHECK(answer_of(runtime).integer("pid") == pid);
    const std::string output = runtime.output_when_idle();
    CHECK_FALSE(contains(output, "[bug]"));
    CHECK(contains(output, "a line to stream"));
  }
}
