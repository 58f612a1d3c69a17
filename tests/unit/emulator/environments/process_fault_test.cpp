// SPDX-License-Identifier: MIT
#include "emulator/environments/process_fault.h"

#include <csignal>
#include <sys/wait.h>

#include <doctest/doctest.h>

#include "runtime/process/spawn.h"

using namespace phork;
using namespace phork::emulator;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<process::Process> sleeper() {
  process::SpawnOptions options;
  options.program = "/bin/sleep";
  options.arguments = {"sleep", "1000"};
  auto spawned = process::Process::spawn(options);
  REQUIRE(spawned.ok());
  return std::move(spawned).value();
}

Fault fault(std::string_view spec) {
  return parse_fault(spec).value();
}

// Waits for the process to stop or to continue.
bool becomes(pid_t pid, int options) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, options) == 0 && info.si_pid == pid;
}

}  // namespace

TEST_CASE("a freeze stops the process and lets it continue after its time") {
  const auto process = sleeper();
  ProcessFault faults;
  faults.attach(process->pid());
  // A process that gets no CPU meanwhile is never stopped before it may continue, and the kernel
  // reports nothing; then try again.
  bool continued = false;
  const auto deadline = Clock::now() + 30s;
  while (!continued && Clock::now() < deadline) {
    const auto begun = Clock::now();
    faults.inject(fault("event:freeze=50ms"));
    while (!continued && Clock::now() < begun + 1s) {
      continued = becomes(process->pid(), WCONTINUED | WNOHANG);
    }
    CHECK(Clock::now() - begun >= 50ms);
  }
  CHECK(continued);
}

TEST_CASE("a detached process is thawed") {
  const auto process = sleeper();
  ProcessFault faults;
  faults.attach(process->pid());
  faults.inject(fault("event:freeze=3600s"));
  CHECK(becomes(process->pid(), WSTOPPED));
  faults.detach(true);
  CHECK(becomes(process->pid(), WCONTINUED));
  faults.inject(fault("event:kill"));  // has no process to kill
  process->signal(SIGTERM);
  const auto status = process->wait();
  REQUIRE(status.has_value());
  CHECK(status->code == SIGTERM);
}

TEST_CASE("a kill may come later") {
  const auto process = sleeper();
  ProcessFault faults;
  faults.attach(process->pid());
  const auto begun = Clock::now();
  faults.inject(fault("event:kill=50ms"));
  siginfo_t info{};
  CHECK(::waitid(P_PID, static_cast<id_t>(process->pid()), &info, WEXITED | WNOWAIT) == 0);
  CHECK(Clock::now() - begun >= 50ms);
  faults.detach(false);
  CHECK(process->wait()->code == SIGKILL);
}

TEST_CASE("a process without any time is stopped until it is ended") {
  const auto process = sleeper();
  ProcessFault faults;
  faults.attach(process->pid());
  faults.inject(fault("event:timeout"));
  CHECK(becomes(process->pid(), WSTOPPED));
  faults.detach(false);
  siginfo_t info{};
  CHECK(::waitid(P_PID, static_cast<id_t>(process->pid()), &info, WCONTINUED | WNOHANG) == 0);
  CHECK(info.si_pid == 0);
}

TEST_CASE("a kill ends it") {
  const auto process = sleeper();
  ProcessFault faults;
  faults.attach(process->pid());
  faults.inject(fault("event:kill"));
  faults.detach(true);
  const auto status = process->wait();
  REQUIRE(status.has_value());
  CHECK(status->kind == process::ExitStatus::Kind::kSignalled);
  CHECK(status->code == SIGKILL);
}
