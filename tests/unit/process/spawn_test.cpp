// SPDX-License-Identifier: MIT
#include "runtime/process/spawn.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

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

// Stands in for the cgroup.procs file of a control group: a process that joins writes into it.
class FakeGroup {
 public:
  explicit FakeGroup(int mode = O_RDWR)
      : procs_fd_(::open("/tmp", O_TMPFILE | O_CLOEXEC | O_RDWR, 0600)) {
    REQUIRE(procs_fd_.valid());
    if (mode == O_RDWR) return;
    procs_fd_ = base::Fd(::open(path().c_str(), mode | O_CLOEXEC));
  }

  int procs_fd() const { return procs_fd_.get(); }

  // Valid as long as this object lives.
  std::string path() const {
    return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(procs_fd_.get());
  }

 private:
  base::Fd procs_fd_;
};

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
  TEST_CASE("wait returns an exit code") {
    const auto status = spawn(shell("exit 7"))->wait(soon());
    REQUIRE(status.has_value());
    CHECK(status->kind == ExitStatus::Kind::kExited);
    CHECK(status->code == 7);
    CHECK(status->describe() == "exit code 7");
    CHECK_FALSE(status->clean());
  }

  TEST_CASE("wait returns a signal with its name") {
    const auto status = spawn(shell("kill -SEGV $$"))->wait(soon());
    REQUIRE(status.has_value());
    CHECK(status->describe() == "signal 11 (Segmentation fault)");
  }

  TEST_CASE("a wait for a running process ends at the deadline") {
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

  TEST_CASE("descriptors are passed, even when two exchange their numbers") {
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

  TEST_CASE("only the named descriptors reach the child") {
    auto pipe = base::open_pipe();
    REQUIRE(pipe.ok());
    const std::string theirs = std::to_string(pipe->second.get());
    CHECK(output_of(shell("if [ -e /proc/self/fd/" + theirs +
                          " ]; then echo open; else echo closed; fi")) == "closed\n");
  }

  TEST_CASE("the child has the given environment and working directory") {
    SpawnOptions options = shell("echo $PHORK_TEST; pwd");
    process::set_variable(options.environment, "PHORK_TEST", "one");
    process::set_variable(options.environment, "PHORK_TEST", "two");
    options.working_directory = "/";
    CHECK(output_of(options) == "two\n/\n");
  }

  TEST_CASE("signals blocked here are not blocked in the child") {
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
    // The pipe ends only after the last process that holds it has ended.
    CHECK(read_all(pipe->first.get()).empty());
    CHECK(::kill(pid, 0) == -1);
  }
}

TEST_SUITE("process: control groups") {
  TEST_CASE("a child has joined each of its groups before its program runs") {
    const FakeGroup one;
    const FakeGroup two;
    SpawnOptions options = shell("cat " + one.path() + " " + two.path());
    options.control_groups = {one.procs_fd(), two.procs_fd()};
    CHECK(output_of(options) == "00");
  }

  TEST_CASE("a child in groups is as any other") {
    const FakeGroup group;
    auto pipe = base::open_pipe();
    REQUIRE(pipe.ok());
    SpawnOptions options =
        shell("echo $PHORK_TEST; pwd; [ -e /proc/self/fd/" + std::to_string(group.procs_fd()) +
              " ] && echo open; [ $(ps -o pgid= -p $$) = $$ ] && echo leads; cat /proc/self/fd/0");
    process::set_variable(options.environment, "PHORK_TEST", "one");
    options.working_directory = "/";
    options.control_groups = {group.procs_fd()};
    options.descriptors = {{pipe->first.get(), STDIN_FILENO}};
    REQUIRE(::write(pipe->second.get(), "in", 2) == 2);
    pipe->second.reset();
    CHECK(output_of(options) == "one\n/\nleads\nin");
  }

  TEST_CASE("signals blocked or handled here have their defaults in the child") {
    const FakeGroup group;
    struct sigaction ours = {};
    struct sigaction handled_before = {};
    ours.sa_handler = SIG_IGN;
    REQUIRE(::sigaction(SIGUSR1, &ours, &handled_before) == 0);
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
    SpawnOptions options = shell("kill -USR1 $$; exit 0");
    options.control_groups = {group.procs_fd()};
    const auto child = spawn(options);
    sigset_t during;
    pthread_sigmask(SIG_SETMASK, &before, &during);
    ::sigaction(SIGUSR1, &handled_before, &ours);
    CHECK(child->wait(soon())->describe() == "signal 10 (User defined signal 1)");
    // Our own are unchanged.
    CHECK(sigismember(&during, SIGUSR1) == 1);
    CHECK(sigismember(&during, SIGTERM) == 0);
    CHECK((ours.sa_handler == SIG_IGN));
  }

  TEST_CASE("a group that cannot be joined is an error, and leaves no child behind") {
    const FakeGroup closed(O_RDONLY);
    SpawnOptions options = shell("exit 0");
    options.control_groups = {closed.procs_fd()};
    const auto spawned = Process::spawn(options);
    REQUIRE_FALSE(spawned.ok());
    CHECK(spawned.error().text ==
          "process: put '/bin/sh' into its control group: Bad file descriptor");
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
  }

  TEST_CASE("a program or a folder that does not exist is an error that names the program") {
    const FakeGroup group;
    SpawnOptions options = shell("exit 0");
    options.control_groups = {group.procs_fd()};
    options.working_directory = "/nonexistent";
    CHECK(Process::spawn(options).error().text ==
          "process: prepare '/bin/sh': No such file or directory");
    options.working_directory.clear();
    options.program = "/nonexistent/bootstrap";
    CHECK(Process::spawn(options).error().text ==
          "process: spawn '/nonexistent/bootstrap': No such file or directory");
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
  }

  TEST_CASE("many threads start children at once") {
    const FakeGroup group;
    std::atomic<int> ended = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&group, &ended] {
          for (int round = 0; round < 10; ++round) {
            SpawnOptions options = shell("exit 3");
            options.control_groups = {group.procs_fd()};
            auto spawned = Process::spawn(options);
            if (!spawned) continue;
            const auto status = spawned.value()->wait(soon());
            if (status && status->code == 3) ++ended;
          }
        });
      }
    }
    CHECK(ended == 40);
  }
}

TEST_SUITE("run to end") {
  TEST_CASE("run_to_end returns the output and the exit code of a program") {
    const auto output = process::run_to_end(shell("echo out; echo err >&2; exit 3"), 10s,
                                            process::ErrorStream::kWithOutput);
    REQUIRE(output.ok());
    CHECK(output->text == "out\nerr\n");
    CHECK_FALSE(output->succeeded());
    CHECK(output->describe_end() == "exit code 3");
  }

  TEST_CASE("with ErrorStream::kOurs the program writes to our standard error") {
    const auto output =
        process::run_to_end(shell("echo out; : >&2"), 10s, process::ErrorStream::kOurs);
    REQUIRE(output.ok());
    CHECK(output->text == "out\n");
    CHECK(output->succeeded());
  }

  TEST_CASE("a program that does not end in time is killed, and its output is kept") {
    const auto output =
        process::run_to_end(shell("echo out; exec sleep 1000"), 200ms, process::ErrorStream::kOurs);
    REQUIRE(output.ok());
    CHECK(output->text == "out\n");
    CHECK_FALSE(output->succeeded());
    CHECK(output->describe_end() == "no end in time");
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
  }

  TEST_CASE("a program that does not exist is an error") {
    SpawnOptions options = shell("");
    options.program = "/nonexistent/program";
    CHECK_FALSE(process::run_to_end(options, 10s, process::ErrorStream::kOurs).ok());
  }
}
