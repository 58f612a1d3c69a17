// SPDX-License-Identifier: MIT
#include "runtime/process/spawn.h"

#include <array>
#include <csignal>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

namespace {

using namespace phork;
using namespace std::chrono_literals;
using process::ExitStatus;
using process::Process;
using process::SpawnOptions;

SpawnOptions shell(const std::string& script) {
  SpawnOptions options;
  options.program = "/bin/sh";
  options.arguments = {"sh", "-c", script};
  options.environment = process::current_environment();
  return options;
}

std::unique_ptr<Process> spawn(const SpawnOptions& options) {
  auto spawned = Process::spawn(options);
  REQUIRE(spawned.ok());
  return std::move(spawned).value();
}

process::Deadline soon() {
  return std::chrono::steady_clock::now() + 10s;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 256> chunk{};
  while (base::wait_readable(fd, soon())) {
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got <= 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

// Runs `script` with its standard output in a pipe and returns what it wrote.
std::string output_of(SpawnOptions options) {
  auto pipe = base::open_pipe();
  REQUIRE(pipe.ok());
  options.descriptors.push_back({pipe->second.get(), STDOUT_FILENO});
  const auto child = spawn(options);
  pipe->second.reset();
  std::string text = read_all(pipe->first.get());
  CHECK(child->wait(soon()).has_value());
  return text;
}

}  // namespace

TEST_SUITE("process") {
  TEST_CASE("an exit code comes back") {
    const auto status = spawn(shell("exit 7"))->wait(soon());
    REQUIRE(status.has_value());
    CHECK(status->kind == ExitStatus::Kind::kExited);
    CHECK(status->code == 7);
    CHECK(status->describe() == "exit code 7");
    CHECK_FALSE(status->clean());
  }

  TEST_CASE("a signal comes back with its name") {
    const auto status = spawn(shell("kill -SEGV $$"))->wait(soon());
    REQUIRE(status.has_value());
    CHECK(status->describe() == "signal 11 (Segmentation fault)");
  }

  TEST_CASE("waiting for a process that runs on ends at the deadline") {
    const auto child = spawn(shell("exec sleep 60"));
    CHECK_FALSE(child->wait(std::chrono::steady_clock::now() + 20ms).has_value());
    child->signal(SIGTERM);
    CHECK(child->wait(soon())->code == SIGTERM);
  }

  TEST_CASE("a program that does not exist is an error that names it") {
    SpawnOptions options;
    options.program = "/nonexistent/php-worker";
    options.arguments = {"php-worker"};
    const auto spawned = Process::spawn(options);
    REQUIRE_FALSE(spawned.ok());
    CHECK(spawned.error().text ==
          "process: spawn '/nonexistent/php-worker': No such file or directory");
  }

  TEST_CASE("descriptors cross, even where the numbers are each other's") {
    auto one = base::open_pipe();
    auto two = base::open_pipe();
    REQUIRE(one.ok());
    REQUIRE(two.ok());
    SpawnOptions options = shell("echo first >&" + std::to_string(two->second.get()) +
                                 "; echo second >&" + std::to_string(one->second.get()));
    options.descriptors = {{one->second.get(), two->second.get()},
                           {two->second.get(), one->second.get()}};
    const auto child = spawn(options);
    CHECK(child->wait(soon())->clean());
    one->second.reset();
    two->second.reset();
    CHECK(read_all(one->first.get()) == "first\n");
    CHECK(read_all(two->first.get()) == "second\n");
  }

  TEST_CASE("nothing but the named descriptors reaches the child") {
    auto pipe = base::open_pipe();
    REQUIRE(pipe.ok());
    const std::string theirs = std::to_string(pipe->second.get());
    CHECK(output_of(shell("if [ -e /proc/self/fd/" + theirs +
                          " ]; then echo open; else echo closed; fi")) == "closed\n");
  }

  TEST_CASE("environment and working directory are the ones given") {
    SpawnOptions options = shell("echo $PHORK_TEST; pwd");
    process::set_variable(options.environment, "PHORK_TEST", "one");
    process::set_variable(options.environment, "PHORK_TEST", "two");
    options.working_directory = "/";
    CHECK(output_of(options) == "two\n/\n");
  }

  TEST_CASE("signals that we block are not blocked in the child") {
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
    const auto child = spawn(shell("kill -TERM $$; echo survived; exit 0"));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    CHECK(child->wait(soon())->describe() == "signal 15 (Terminated)");
  }

  TEST_CASE("the destructor ends and reaps the whole group") {
    auto pipe = base::open_pipe();
    REQUIRE(pipe.ok());
    SpawnOptions options = shell("sleep 60 & sleep 60");
    options.descriptors = {{pipe->second.get(), STDOUT_FILENO}};
    pid_t pid = 0;
    {
      const auto child = spawn(options);
      pid = child->pid();
    }
    pipe->second.reset();
    // The pipe ends only when the last process that holds it is gone.
    CHECK(read_all(pipe->first.get()).empty());
    CHECK(::kill(pid, 0) == -1);
  }
}
