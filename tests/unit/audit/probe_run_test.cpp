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

}  // namespace

TEST_CASE("each available kind costs three events, and the others none") {
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

TEST_CASE("whether a survivor is known to survive depends on the strategy") {
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

TEST_CASE("a kind that the probe does not know is the fault of who asks for it") {
  FakeProbe probe;
  const auto report = run_probe(probe.ask(), {"fork", {"leaky", "colour"}});
  REQUIRE_FALSE(report.ok());
  CHECK(report.error().kind == ErrorKind::kInvalid);
  CHECK(report.error().text ==
        "audit: select kind 'colour': the probe has none of that name among its 3");
}

TEST_CASE("what answers otherwise is no probe") {
  for (const std::string& event : {kinds_event(), identity_event()}) {
    FakeProbe probe;
    probe.answer_with(event, std::string("{\"statusCode\":200}"));
    const auto report = run_probe(probe.ask(), {});
    REQUIRE_FALSE(report.ok());
    CHECK(report.error().kind == ErrorKind::kRefused);
  }
}

TEST_CASE("an event that fails is the verdict about its kind, and the others go on") {
  FakeProbe probe;
  probe.answer_with(look_event("clean"), Error{ErrorKind::kRefused, "Runtime.ExitError: gone"});
  const auto report = run_probe(probe.ask(), {});
  REQUIRE(report.ok());
  CHECK(verdict_of(report.value(), 0) == Verdict::kFailed);
  CHECK(report->kinds[0].finding.reason == "look: Runtime.ExitError: gone");
  CHECK(verdict_of(report.value(), 1) == Verdict::kLeak);
}

TEST_CASE("so is an answer that cannot be read") {
  FakeProbe probe;
  probe.answer_with(plant_event("clean"), std::string("<br />"));
  const auto report = run_probe(probe.ask(), {});
  REQUIRE(report.ok());
  CHECK(verdict_of(report.value(), 0) == Verdict::kFailed);
  CHECK(report->kinds[0].finding.reason.starts_with("plant: audit: read answer to plant: "));
}

TEST_CASE("a runtime that hangs is not asked about every kind") {
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
  CHECK(report->kinds.back().finding.reason == "not asked: the kinds before it took too long");
}

TEST_CASE("being stopped ends it at once") {
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

TEST_CASE("progress is told before each kind") {
  FakeProbe probe;
  std::vector<std::string> told;
  ProbeOptions options;
  options.progress = [&](std::size_t number, std::size_t total, const Kind& kind) {
    told.push_back(std::to_string(number) + "/" + std::to_string(total) + " " + kind.name);
  };
  REQUIRE(run_probe(probe.ask(), options).ok());
  CHECK(told == std::vector<std::string>{"1/3 clean", "2/3 leaky", "3/3 absent"});
}
