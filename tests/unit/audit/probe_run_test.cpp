// SPDX-License-Identifier: MIT
#include "audit/probe_run.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace phork;
using namespace phork::audit;
using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

// A probe with one clean kind, one that leaks and one that is not available, unless a test answers
// an event otherwise.
class FakeProbe {
 public:
  Ask ask() {
    return [this](const std::string& event) { return answer(event); };
  }

  void answer_with(const std::string& event, Result<std::string> answer) {
    answers_.insert_or_assign(event, std::move(answer));
  }

  const std::vector<std::string>& events() const { return events_; }

 private:
  Result<std::string> answer(const std::string& event) {
    events_.push_back(event);
    if (const auto found = answers_.find(event); found != answers_.end()) return found->second;
    if (event == kinds_event()) return std::string(kKinds);
    if (event == identity_event()) return std::string(R"({"php":"8.2.1","sapi":"fake"})");
    if (event == look_event("clean")) return std::string(R"({"kind":"clean","value":0})");
    if (event == plant_event("clean")) {
      return std::string(R"({"kind":"clean","before":0,"after":1})");
    }
    if (event == look_event("leaky")) {
      return std::string(planted_ ? R"({"kind":"leaky","value":1})"
                                  : R"({"kind":"leaky","value":0})");
    }
    planted_ = true;
    return std::string(R"({"kind":"leaky","before":0,"after":1})");
  }

  static constexpr const char* kKinds =
      R"({"kinds":[{"name":"clean","group":"php","title":"c","available":true},)"
      R"({"name":"leaky","group":"php","title":"l","available":true},)"
      R"({"name":"absent","group":"php","title":"a","available":false,"reason":"needs x"}]})";

  std::map<std::string, Result<std::string>> answers_;
  std::vector<std::string> events_;
  bool planted_ = false;
};

Verdict verdict_of(const ProbeReport& report, std::size_t kind) {
  return report.kinds.at(kind).finding.verdict;
}

const Kind kOrdinary{"cwd", "process", "the working directory"};
const Kind kShared{"apcu", "cache", "an entry of APCu", true, "", "apcu", "shared by all"};
const Kind kNice{"priority", "process", "the nice value", true, "", "", "the kernel's", {"fpm"}};
constexpr const char* kFork = "fork";

}  // namespace

TEST_CASE("an available kind is asked about in three events, an unavailable one in none") {
  FakeProbe probe;
  const auto report = run_probe(probe.ask(), {});
  REQUIRE(report.ok());
  CHECK(report->identity.php == "8.2.1");
  REQUIRE(report->kinds.size() == 3);
  CHECK(verdict_of(report.value(), 0) == Verdict::kClean);
  CHECK(verdict_of(report.value(), 1) == Verdict::kLeak);
  CHECK(verdict_of(report.value(), 2) == Verdict::kUnavailable);
  CHECK(probe.events() == std::vector<std::string>{kinds_event(), identity_event(),
                                                   look_event("clean"), plant_event("clean"),
                                                   look_event("clean"), look_event("leaky"),
                                                   plant_event("leaky"), look_event("leaky")});
}

TEST_CASE("only the kinds asked for are looked at") {
  FakeProbe probe;
  const auto report = run_probe(probe.ask(), {"fork", {"leaky"}});
  REQUIRE(report.ok());
  REQUIRE(report->kinds.size() == 1);
  CHECK(report->kinds[0].kind.name == "leaky");
  CHECK(probe.events().size() == 5);
}

TEST_CASE("a kind that survives is kept under the strategies it names, and a leak under others") {
  const std::string kinds =
      R"({"kinds":[{"name":"leaky","group":"php","title":"l","available":true,)"
      R"("kept_by":["fpm"]}]})";
  for (const auto& [strategy, verdict] :
       {std::pair{"fpm", Verdict::kKept}, std::pair{"fork", Verdict::kLeak}}) {
    FakeProbe probe;
    probe.answer_with(kinds_event(), kinds);
    const auto report = run_probe(probe.ask(), {strategy});
    REQUIRE(report.ok());
    CHECK(verdict_of(report.value(), 0) == verdict);
  }
}

TEST_CASE("asking for a kind that the probe does not know is an error of the caller") {
  FakeProbe probe;
  const auto report = run_probe(probe.ask(), {"fork", {"leaky", "colour"}});
  REQUIRE_FALSE(report.ok());
  CHECK(report.error().kind == ErrorKind::kInvalid);
  CHECK(report.error().text ==
        "audit: select kind 'colour': expected a name that the probe lists, one of 3");
}

TEST_CASE("answers that are not those of a probe are refused") {
  for (const std::string& event : {kinds_event(), identity_event()}) {
    FakeProbe probe;
    probe.answer_with(event, std::string("{\"statusCode\":200}"));
    const auto report = run_probe(probe.ask(), {});
    REQUIRE_FALSE(report.ok());
    CHECK(report.error().kind == ErrorKind::kRefused);
  }
}

TEST_CASE("a failed event is the verdict about its kind, and the run goes on") {
  FakeProbe probe;
  probe.answer_with(look_event("clean"), Error{ErrorKind::kRefused, "Runtime.ExitError: gone"});
  const auto report = run_probe(probe.ask(), {});
  REQUIRE(report.ok());
  CHECK(verdict_of(report.value(), 0) == Verdict::kFailed);
  CHECK(report->kinds[0].finding.reason == "look: Runtime.ExitError: gone");
  CHECK(verdict_of(report.value(), 1) == Verdict::kLeak);
}

TEST_CASE("an unreadable answer is the verdict about its kind") {
  FakeProbe probe;
  probe.answer_with(plant_event("clean"), std::string("<br />"));
  const auto report = run_probe(probe.ask(), {});
  REQUIRE(report.ok());
  CHECK(verdict_of(report.value(), 0) == Verdict::kFailed);
  CHECK(report->kinds[0].finding.reason.starts_with("plant: audit: read answer to plant: "));
}

TEST_CASE("a runtime that hangs is given up after three timeouts") {
  constexpr int kKinds = 6;
  std::string kinds;
  for (int i = 0; i < kKinds; ++i) {
    kinds += std::string(i == 0 ? "" : ",") + R"({"name":"k)" + std::to_string(i) +
             R"(","group":"php","title":"t","available":true})";
  }
  int late = 0;
  const auto ask = [&](const std::string& event) -> Result<std::string> {
    if (event == kinds_event()) return R"({"kinds":[)" + kinds + "]}";
    if (event == identity_event()) return std::string(R"({"php":"8","sapi":"s"})");
    ++late;
    return Error{ErrorKind::kTimeout, "Sandbox.Timedout"};
  };
  const auto report = run_probe(ask, {});
  REQUIRE(report.ok());
  CHECK(late == 3);
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    CHECK(verdict_of(report.value(), kind) == Verdict::kFailed);
  }
  CHECK(report->kinds.back().finding.reason == "not asked: too many kinds before it timed out");
}

TEST_CASE("stopping ends the run at once") {
  for (const std::string& event : {kinds_event(), identity_event(), look_event("clean"),
                                   plant_event("clean"), look_event("leaky")}) {
    FakeProbe probe;
    probe.answer_with(event, Error{ErrorKind::kStopped, "stopped"});
    const auto report = run_probe(probe.ask(), {});
    REQUIRE_FALSE(report.ok());
    CHECK(report.error().kind == ErrorKind::kStopped);
    CHECK(probe.events().back() == event);
  }
}

TEST_CASE("progress is reported before each kind") {
  FakeProbe probe;
  std::vector<std::string> told;
  ProbeOptions options;
  options.progress = [&](std::size_t number, std::size_t total, const Kind& kind) {
    told.push_back(std::to_string(number) + "/" + std::to_string(total) + " " + kind.name);
  };
  REQUIRE(run_probe(probe.ask(), options).ok());
  CHECK(told == std::vector<std::string>{"1/3 clean", "2/3 leaky", "3/3 absent"});
}

TEST_CASE("state that is found as it was before planting is clean") {
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

TEST_CASE("a value that is neither the planted one nor the one before is a leak") {
  CHECK(judge(kOrdinary, kFork, "1", {"1", "2"}, "3").verdict == Verdict::kLeak);
}

TEST_CASE("planting that changes nothing proves nothing, whatever is found") {
  for (const char* found : {"1", "2"}) {
    const Finding finding = judge(kOrdinary, kFork, "1", {"1", "1"}, found);
    CHECK(finding.verdict == Verdict::kUntested);
    CHECK(finding.reason == "planting did not change it: still 1");
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
  CHECK(kept.reason == "planting did not change it: still true");
}

TEST_CASE("state that a strategy is known to keep is a leak only under other strategies") {
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

TEST_CASE("unavailable and failed kinds have a reason") {
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
