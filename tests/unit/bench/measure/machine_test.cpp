// SPDX-License-Identifier: MIT
#include "bench/measure/machine.h"

#include <fcntl.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "bench/subjects/usage.h"
#include "emulator/environments/process_tree.h"

using namespace phork::bench;
using phork::emulator::smaps_field_kb;

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

TEST_CASE("memory is read from the line of its name") {
  const std::string_view rollup =
      "5581-7ffe ---p 00000000 00:00 0  [rollup]\n"
      "Rss:                1624 kB\nPss:                 340 kB\nPss_Anon:   84 kB\n"
      "AnonHugePages:      2048 kB\n";
  CHECK(smaps_field_kb(rollup, "Rss") == 1624);
  CHECK(smaps_field_kb(rollup, "Pss") == 340);
  CHECK(smaps_field_kb(rollup, "AnonHugePages") == 2048);
  CHECK(smaps_field_kb(rollup, "ShmemPmdMapped") == 0);
  CHECK(smaps_field_kb("\nRss:", "Rss") == 0);
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
