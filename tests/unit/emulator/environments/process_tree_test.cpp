// SPDX-License-Identifier: MIT
#include "emulator/environments/process_tree.h"

#include <algorithm>
#include <csignal>
#include <poll.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/process/spawn.h"

using namespace phork::emulator;
using phork::process::ExitStatus;
using phork::process::Process;

namespace {

std::unique_ptr<Process> start_shell(const std::string& script, int out) {
  phork::process::SpawnOptions options;
  options.program = "/bin/sh";
  options.arguments = {"sh", "-c", script};
  options.environment = phork::process::current_environment();
  options.descriptors = {{out, STDOUT_FILENO}};
  auto process = Process::spawn(options);
  REQUIRE(process.ok());
  return std::move(process).value();
}

}  // namespace

TEST_CASE("stat is read past a program name that holds spaces and parentheses") {
  const auto stat = parse_stat("12 (a) b (c) S 7 12 12 0 -1 4194304 100 20 0 0 1 2 3 4");
  REQUIRE(stat.has_value());
  CHECK(stat->parent == 7);
  CHECK(stat->minor_faults == 120);
}

TEST_CASE("a stat line cut anywhere before the faults is none") {
  const std::string whole = "12 (sh) S 7 12 12 0 -1 4194304 100 20";
  REQUIRE(parse_stat(whole).has_value());
  const std::size_t last_field = whole.rfind(' ');
  for (std::size_t length = 0; length <= last_field; ++length) {
    CAPTURE(length);
    CHECK_FALSE(parse_stat(whole.substr(0, length)).has_value());
  }
}

TEST_CASE("the proportional share is read from smaps_rollup") {
  CHECK(parse_pss_kb("00400000-7ff [rollup]\nRss:   900 kB\nPss:   123 kB\nPss_Anon: 9 kB\n") ==
        123);
  CHECK(parse_pss_kb("Rss: 1 kB\n") == 0);
}

TEST_CASE("this process is measured with pages and faults") {
  const TreeUsage usage = measure_tree(::getpid());
  CHECK(usage.pss_kb > 100);
  CHECK(usage.minor_faults > 100);
}

TEST_CASE("a grandchild in a process group of its own is found, and killed with the tree") {
  auto pipe = phork::base::open_pipe();
  REQUIRE(pipe.ok());
  // The inner shell tells its pid once it leads a session, and so a group, of its own.
  const auto shell =
      start_shell("setsid sh -c 'echo $$; sleep 1000; :' & wait", pipe->second.get());
  pipe->second.reset();
  pollfd readable{pipe->first.get(), POLLIN, 0};
  REQUIRE(::poll(&readable, 1, 10'000) == 1);
  char text[32] = {};
  REQUIRE(::read(pipe->first.get(), text, sizeof text - 1) > 0);
  const pid_t grandchild = std::stoi(text);
  CHECK(::getpgid(grandchild) != shell->pid());
  CHECK(std::ranges::count(process_tree(shell->pid()), grandchild) == 1);
  kill_tree(shell->pid());
  const auto status = shell->wait();
  REQUIRE(status.has_value());
  CHECK(status->kind == ExitStatus::Kind::kSignalled);
  // The write end of the pipe was the grandchild's too: it closes when both are gone.
  REQUIRE(::poll(&readable, 1, 10'000) == 1);
  CHECK(::read(pipe->first.get(), text, sizeof text) == 0);
}
