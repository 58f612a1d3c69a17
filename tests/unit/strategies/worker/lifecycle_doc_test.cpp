// SPDX-License-Identifier: MIT
//
// docs/worker-lifecycle.md shows the table as it is: drawn here, compared with the file.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "strategies/worker/lifecycle.h"

namespace {

using namespace phork::strategies;

std::string cell(WorkerState state, WorkerEvent event) {
  const WorkerStep next = step(state, event);
  std::string text;
  if (next.next != state) text.append("**").append(name(next.next)).append("**");
  if (next.action != WorkerAction::kNone) {
    text.append(text.empty() ? "" : ": ").append(name(next.action));
  }
  return text.empty() ? "-" : text;
}

void draw_table(std::ostream& out) {
  out << "| |";
  for (std::size_t state = 0; state < kWorkerStates; ++state) {
    out << ' ' << name(static_cast<WorkerState>(state)) << " |";
  }
  out << "\n|---|";
  for (std::size_t state = 0; state < kWorkerStates; ++state) out << "---|";
  for (std::size_t event = 0; event < kWorkerEvents; ++event) {
    out << "\n| " << name(static_cast<WorkerEvent>(event)) << " |";
    for (std::size_t state = 0; state < kWorkerStates; ++state) {
      out << ' ' << cell(static_cast<WorkerState>(state), static_cast<WorkerEvent>(event)) << " |";
    }
  }
  out << "\n";
}

void draw_diagram(std::ostream& out) {
  out << "```mermaid\nstateDiagram-v2\n  [*] --> starting\n";
  for (std::size_t at = 0; at < kWorkerStates * kWorkerEvents; ++at) {
    const auto state = static_cast<WorkerState>(at / kWorkerEvents);
    const auto event = static_cast<WorkerEvent>(at % kWorkerEvents);
    const WorkerStep next = step(state, event);
    if (next.next == state) continue;
    out << "  " << name(state) << " --> " << name(next.next) << " : " << name(event);
    if (next.action != WorkerAction::kNone) out << " / " << name(next.action);
    out << "\n";
  }
  out << "  ended --> [*]\n```\n";
}

}  // namespace

TEST_SUITE("worker lifecycle") {
  TEST_CASE("docs/worker-lifecycle.md is drawn from the table") {
    std::ostringstream drawn;
    draw_table(drawn);
    drawn << "\n";
    draw_diagram(drawn);
    const char* source = std::getenv("PHORK_SOURCE");
    REQUIRE_MESSAGE(source != nullptr, "PHORK_SOURCE is not set; run by Meson");
    const std::string path = std::string(source) + "/docs/worker-lifecycle.md";
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    CHECK_MESSAGE(text.str().find(drawn.str()) != std::string::npos, "put this into "
                                                                         << path << ":\n"
                                                                         << drawn.str());
  }
}
