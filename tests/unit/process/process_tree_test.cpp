// SPDX-License-Identifier: MIT
#include "runtime/process/process_tree.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <memory>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/process/spawn.h"

using namespace phork::process;

namespace {

std::unique_ptr<Process> start_shell(const std::string& script, int out) {
  SpawnOptions options;
  options.program = "/bin/sh";
  options.arguments = {"sh", "-c", script};
  options.environment = current_environment();
  options.descriptors = {{out, STDOUT_FILENO}};
  auto process = Process::spawn(options);
  REQUIRE(process.ok());
  return std::move(process).value();
}

}  // namespace

TEST_CASE("stat is read correctly when the program name has spaces and parentheses") {
  const auto stat = parse_stat("12 (a) b (c) S 7 12 12 0 -1 4194304 100 20 0 0 1 2 30 40 20 0");
  REQUIRE(stat.has_value());
  CHECK(stat->parent == 7);
  CHECK(stat->minor_faults == 100);
  CHECK(stat->reaped_minor_faults == 20);
  CHECK(stat->reaped_user_ticks == 30);
  CHECK(stat->reaped_system_ticks == 40);
}

TEST_CASE("a stat line that ends before the last field needed is refused") {
  const std::string whole = "12 (sh) S 7 12 12 0 -1 4194304 100 20 0 0 1 2 30 40";
  REQUIRE(parse_stat(whole).has_value());
  const std::size_t last_field = whole.rfind(' ');
  for (std::size_t length = 0; length <= last_field; ++length) {
    CAPTURE(length);
    CHECK_FALSE(parse_stat(whole.substr(0, length)).has_value());
  }
}

TEST_CASE("memory is read from the line with the given name") {
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

TEST_CASE("this process is measured with pages and faults") {
  const TreeUsage usage = measure_tree(::getpid());
  CHECK(usage.pss_kb > 100);
  CHECK(usage.minor_faults > 100);
}

namespace {

// A shell whose child leads its own session and process group.
struct Family {
  std::unique_ptr<Process> shell;
  pid_t grandchild = 0;
  phork::base::Fd pipe;  // both processes hold its other end
};

Family start_family() {
  auto pipe = phork::base::open_pipe();
  REQUIRE(pipe.ok());
  auto shell = start_shell("setsid sh -c 'echo $$; sleep 1000; :' & wait", pipe->second.get());
  pipe->second.reset();
  pollfd readable{pipe->first.get(), POLLIN, 0};
  REQUIRE(::poll(&readable, 1, 10'000) == 1);
  char text[32] = {};
  REQUIRE(::read(pipe->first.get(), text, sizeof text - 1) > 0);
  return {std::move(shell), std::stoi(text), std::move(pipe->first)};
}

bool all_gone(const Family& family, int timeout_ms) {
  pollfd readable{family.pipe.get(), POLLIN, 0};
  char none = 0;
  return ::poll(&readable, 1, timeout_ms) == 1 && ::read(family.pipe.get(), &none, 1) == 0;
}

}  // namespace

TEST_CASE("a grandchild in another process group is found, and killed with the tree") {
  const Family family = start_family();
  const pid_t root = family.shell->pid();
  CHECK(::getpgid(family.grandchild) != root);
  CHECK(std::ranges::count(process_tree(root), family.grandchild) == 1);
  kill_tree(root);
  const auto status = family.shell->wait();
  REQUIRE(status.has_value());
  CHECK(status->kind == ExitStatus::Kind::kSignalled);
  CHECK(all_gone(family, 10'000));
}

TEST_CASE("after end_tree no descendant runs") {
  const Family family = start_family();
  end_tree(*family.shell);
  CHECK(all_gone(family, 0));
}

TEST_CASE("a tree has as many levels as its processes have descendants") {
  auto pipe = phork::base::open_pipe();
  REQUIRE(pipe.ok());
  // Each shell has something to do after its child, so that it does not become it.
  auto root = start_shell("sh -c 'sh -c \"sh -c \\\"echo \\$\\$; sleep 1000; :\\\"; :\"; :'; :",
                          pipe->second.get());
  pollfd readable{pipe->first.get(), POLLIN, 0};
  REQUIRE(::poll(&readable, 1, 10'000) == 1);
  char text[32] = {};
  REQUIRE(::read(pipe->first.get(), text, sizeof text - 1) > 0);
  const auto tree = process_tree(root->pid());
  CHECK(tree.size() >= 4);  // and the sleep, once it has begun
  CHECK(std::ranges::count(tree, std::stoi(text)) == 1);
  end_tree(*root);
}

TEST_CASE("faults of children that have ended are part of their parent's") {
  constexpr std::size_t kPages = 4000;
  constexpr std::size_t kPageBytes = 4096;
  const std::uint64_t before = measure_tree(::getpid()).minor_faults;
  const pid_t child = ::fork();
  if (child == 0) {
    void* const memory = ::mmap(nullptr, kPages * kPageBytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ::madvise(memory, kPages * kPageBytes, MADV_NOHUGEPAGE);
    std::memset(memory, 1, kPages * kPageBytes);
    ::_exit(0);
  }
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(measure_tree(::getpid()).minor_faults - before >= kPages);
}
