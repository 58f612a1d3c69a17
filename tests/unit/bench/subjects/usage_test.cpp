// SPDX-License-Identifier: MIT
#include "bench/subjects/usage.h"

#include <csignal>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace phork::bench;

TEST_CASE("the cost of a process grows with what it computes") {
  const TreeCost before = measure_cost(::getpid());
  volatile std::uint64_t sum = 0;
  while ((measure_cost(::getpid()) - before).cpu_us < 2000) sum = sum + 1;
  CHECK(measure_cost(::getpid()).minor_faults >= before.minor_faults);
  CHECK(before.cpu_us > 0);
}

TEST_CASE("a reaped child counts to the microsecond") {
  const TreeCost before = reaped_cost();
  const pid_t child = ::fork();
  if (child == 0) {
    const TreeCost mine = measure_cost(::getpid());
    while ((measure_cost(::getpid()) - mine).cpu_us < 3000) {
      // computes
    }
    ::_exit(0);
  }
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  const TreeCost used = reaped_cost() - before;
  CHECK(used.cpu_us >= 3000);
  CHECK(used.minor_faults > 0);
}

TEST_CASE("a process that has gone has no usage and no cost") {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(measure_cost(child).cpu_us == 0);
  CHECK(measure_runtime(child).pss_kb() == 0);
}
