// SPDX-License-Identifier: MIT
#include "bench/measure/machine.h"

#include <fcntl.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "bench/subjects/usage.h"

using namespace phork::bench;

TEST_CASE("the chosen setting is the word in brackets") {
  CHECK(chosen_word("always [madvise] never") == "madvise");
  CHECK(chosen_word("[always] madvise never") == "always");
  CHECK(chosen_word("").empty());
  CHECK(chosen_word("] [").empty());
}

TEST_CASE("a machine has cores, memory and a kernel") {
  const Machine machine = describe_machine("abc");
  CHECK(machine.cores > 0);
  CHECK(machine.memory_mb > 0);
  CHECK(machine.kernel.find("Linux ") == 0);
  CHECK(machine.commit == "abc");
  CHECK(available_memory_mb() > 0);
}

TEST_CASE("usage includes memory and descriptors of this process") {
  const RuntimeUsage before = measure_runtime(::getpid());
  REQUIRE(before.count() >= 1);
  CHECK(before.processes.front().pid == ::getpid());
  CHECK(before.processes.front().rss_kb > 0);
  CHECK(before.pss_kb() > 0);
  const int copy = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  CHECK(measure_runtime(::getpid()).descriptors() == before.descriptors() + 1);
  ::close(copy);
}
