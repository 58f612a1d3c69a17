// SPDX-License-Identifier: MIT
#include "audit/verdict.h"

#include <doctest/doctest.h>

using namespace phork::audit;

namespace {

const Kind kOrdinary{"cwd", "process", "the working directory"};
const Kind kShared{"apcu", "cache", "an entry of APCu", true, "", "apcu", "shared by all"};
const Kind kNice{"priority", "process", "the nice value", true, "", "", "the kernel's", {"fpm"}};
constexpr const char* kFork = "fork";

}  // namespace

TEST_CASE("state that is found as it was before is clean") {
  const Finding finding = judge(kOrdinary, kFork, "\"/\"", {"\"/\"", "\"/tmp\""}, "\"/\"");
  CHECK(finding.verdict == Verdict::kClean);
  CHECK(finding.reason.empty());
  CHECK(finding.before == "\"/\"");
  CHECK(finding.planted == "\"/tmp\"");
  CHECK(finding.found == "\"/\"");
}

TEST_CASE("state that is found as it was planted is a leak") {
  const Finding finding = judge(kOrdinary, kFork, "\"/\"", {"\"/\"", "\"/tmp\""}, "\"/tmp\"");
  CHECK(finding.verdict == Verdict::kLeak);
  CHECK(finding.found == "\"/tmp\"");
}

TEST_CASE("any other value than the one before is a leak too") {
  CHECK(judge(kOrdinary, kFork, "1", {"1", "2"}, "3").verdict == Verdict::kLeak);
}

TEST_CASE("planting that did not take proves nothing, whatever is found") {
  for (const char* found : {"1", "2"}) {
    const Finding finding = judge(kOrdinary, kFork, "1", {"1", "1"}, found);
    CHECK(finding.verdict == Verdict::kUntested);
    CHECK(finding.reason == "it did not take: still 1");
  }
}

TEST_CASE("state that changes by itself proves nothing") {
  const Finding finding = judge(kOrdinary, kFork, "1", {"2", "3"}, "1");
  CHECK(finding.verdict == Verdict::kUntested);
  CHECK(finding.reason == "it changes by itself: 1 in one event, 2 in the next");
}

TEST_CASE("state outside the contract is shared, whether it survives or not") {
  const Finding survived = judge(kShared, kFork, "false", {"false", "true"}, "true");
  CHECK(survived.verdict == Verdict::kShared);
  CHECK(survived.reason == "it survived the event");
  const Finding gone = judge(kShared, kFork, "false", {"false", "true"}, "false");
  CHECK(gone.verdict == Verdict::kShared);
  CHECK(gone.reason == "it did not survive the event");
  const Finding kept = judge(kShared, kFork, "true", {"true", "true"}, "true");
  CHECK(kept.verdict == Verdict::kShared);
  CHECK(kept.reason == "it did not take: still true");
}

TEST_CASE("state that a strategy is known to keep is no leak there, and a leak anywhere else") {
  const Finding kept = judge(kNice, "fpm", "0", {"0", "1"}, "1");
  CHECK(kept.verdict == Verdict::kKept);
  CHECK(kept.reason == "it survived the event");
  CHECK(kept.found == "1");
  CHECK(judge(kNice, "fork", "0", {"0", "1"}, "1").verdict == Verdict::kLeak);
  CHECK(judge(kOrdinary, "fpm", "0", {"0", "1"}, "1").verdict == Verdict::kLeak);
}

TEST_CASE("state that a strategy is known to keep is clean when it did not survive") {
  const Finding finding = judge(kNice, "fpm", "0", {"0", "1"}, "0");
  CHECK(finding.verdict == Verdict::kClean);
  CHECK(finding.reason.empty());
  CHECK(judge(kNice, "fpm", "0", {"0", "0"}, "0").verdict == Verdict::kUntested);
}

TEST_CASE("what this PHP does not have, and what failed, have their reasons") {
  Kind absent = kOrdinary;
  absent.reason = "needs ext/pcntl";
  CHECK(unavailable(absent).verdict == Verdict::kUnavailable);
  CHECK(unavailable(absent).reason == "needs ext/pcntl");
  CHECK(unavailable(kOrdinary).reason == "the probe gives no reason");
  CHECK(failed("look: gone").verdict == Verdict::kFailed);
  CHECK(failed("look: gone").reason == "look: gone");
}

TEST_CASE("each verdict has a word for tables and one for JSON") {
  CHECK(table_word(Verdict::kClean) == "clean");
  CHECK(table_word(Verdict::kLeak) == "LEAK");
  CHECK(table_word(Verdict::kKept) == "kept");
  CHECK(table_word(Verdict::kShared) == "shared");
  CHECK(table_word(Verdict::kUnavailable) == "n/a");
  CHECK(table_word(Verdict::kFailed) == "failed");
  CHECK(table_word(Verdict::kUntested) == "untested");
  CHECK(json_word(Verdict::kLeak) == "leak");
  CHECK(json_word(Verdict::kUnavailable) == "unavailable");
}
