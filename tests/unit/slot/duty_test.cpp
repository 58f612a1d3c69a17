// SPDX-License-Identifier: MIT
#include "runtime/slot/duty.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace phork::slot {
namespace {

// As docs/architecture.md prints them; "" for kNone.
std::string_view name(Stage stage) {
  switch (stage) {
    case Stage::kBooting:
      return "booting";
    case Stage::kSnapshot:
      return "snapshot";
    case Stage::kReady:
      return "ready";
    case Stage::kAnnouncing:
      return "announcing";
    case Stage::kWaiting:
      return "waiting";
    case Stage::kTaken:
      return "taken";
    case Stage::kAnswering:
      return "answering";
    case Stage::kClosing:
      return "closing";
    case Stage::kAnswered:
      return "answered";
    case Stage::kHandedOver:
      return "handed over";
    case Stage::kDone:
      return "done";
  }
  return "";
}

std::string_view name(Happening happening) {
  switch (happening) {
    case Happening::kWorkerEnded:
      return "worker ended";
    case Happening::kSoftDeadline:
      return "soft deadline";
    case Happening::kHardDeadline:
      return "hard deadline";
    case Happening::kTurnReport:
      return "turn report";
  }
  return "";
}

std::string_view name(Duty duty) {
  switch (duty) {
    case Duty::kNone:
      return "";
    case Duty::kReportBoot:
      return "report the boot";
    case Duty::kStartNext:
      return "start the next worker";
    case Duty::kAnswer:
      return "answer, start the next worker";
    case Duty::kInterrupt:
      return "interrupt";
    case Duty::kKill:
      return "kill";
    case Duty::kKillUnanswered:
      return "kill, answer as timed out";
    case Duty::kGoOn:
      return "write the cost, let it ask";
    case Duty::kAwaitRestore:
      return "let it go on when it is restored";
    case Duty::kSettle:
      return "read the output, let it go on";
  }
  return "";
}

std::vector<Stage> all_stages() {
  std::vector<Stage> stages;
  for (std::size_t i = 0; i < kStages; ++i) stages.push_back(static_cast<Stage>(i));
  return stages;
}

std::vector<Happening> all_happenings() {
  std::vector<Happening> happenings;
  for (std::size_t i = 0; i < kHappenings; ++i) happenings.push_back(static_cast<Happening>(i));
  return happenings;
}

// As docs/architecture.md shows it.
std::string draw() {
  std::ostringstream out;
  out << "| stage |";
  for (const Happening happening : all_happenings()) out << ' ' << name(happening) << " |";
  out << "\n|---|---|---|---|---|\n";
  for (const Stage stage : all_stages()) {
    out << "| " << name(stage) << " |";
    for (const Happening happening : all_happenings()) {
      const std::string_view text = name(duty(stage, happening));
      out << (text.empty() ? "" : " ") << text << " |";
    }
    out << '\n';
  }
  return out.str();
}

}  // namespace

TEST_SUITE("slot: duties") {
  TEST_CASE("a worker that ends leads to another one, and to an answer exactly if one may miss") {
    for (const Stage stage : all_stages()) {
      CAPTURE(name(stage));
      const Duty owed = duty(stage, Happening::kWorkerEnded);
      const bool missing =
          stage == Stage::kTaken || stage == Stage::kAnswering || stage == Stage::kClosing;
      CHECK((owed == Duty::kAnswer) == missing);
      if (!missing) {
        CHECK(owed == (stage == Stage::kBooting ? Duty::kReportBoot : Duty::kStartNext));
      }
    }
  }

  TEST_CASE("a deadline outside of an event is that of the last one and has no effect") {
    for (const Stage stage : {Stage::kSnapshot, Stage::kReady, Stage::kAnnouncing, Stage::kWaiting,
                              Stage::kHandedOver, Stage::kDone}) {
      CHECK(duty(stage, Happening::kSoftDeadline) == Duty::kNone);
      CHECK(duty(stage, Happening::kHardDeadline) == Duty::kNone);
    }
  }

  TEST_CASE("a worker that does not boot is killed at its limit") {
    CHECK(duty(Stage::kBooting, Happening::kHardDeadline) == Duty::kKill);
  }

  TEST_CASE("a worker that is late is killed; only a missing answer is given in its place") {
    CHECK(duty(Stage::kTaken, Happening::kHardDeadline) == Duty::kKillUnanswered);
    CHECK(duty(Stage::kAnswering, Happening::kHardDeadline) == Duty::kKillUnanswered);
    CHECK(duty(Stage::kAnswered, Happening::kHardDeadline) == Duty::kKill);
  }

  TEST_CASE("a turn report counts only from a worker that has handed over") {
    for (const Stage stage : all_stages()) {
      const bool waits = stage == Stage::kHandedOver;
      CHECK((duty(stage, Happening::kTurnReport) == Duty::kSettle) == waits);
    }
  }

  TEST_CASE("docs/architecture.md shows the table") {
    const char* const source = std::getenv("PHORK_SOURCE");
    REQUIRE(source != nullptr);
    std::ifstream file(std::string(source) + "/docs/architecture.md");
    std::stringstream text;
    text << file.rdbuf();
    CHECK_MESSAGE(text.str().find(draw()) != std::string::npos, draw());
  }
}

}  // namespace phork::slot
