// SPDX-License-Identifier: MIT
#include "runtime/process/known_children.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/process/spawn.h"

namespace {

using namespace phork;
using namespace std::chrono_literals;
using process::KnownChildren;

base::Deadline soon() {
  return std::chrono::steady_clock::now() + 60s;
}

// Runs `body` in a process of its own, which adopts orphans; returns the exit code.
int in_subreaper(const std::function<bool()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    process::adopt_orphans();
    ::_exit(body() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Leaves a background program of another session, which has become our child when this returns.
void leave(const std::function<void()>& program) {
  const pid_t between = ::fork();
  if (between == 0) {
    if (::fork() == 0) {
      ::setsid();
      program();
      ::_exit(0);
    }
    ::_exit(0);
  }
  ::waitpid(between, nullptr, 0);
}

void sleep_for_ever() {
  for (;;) ::pause();
}

// Starts the same again and ends, as fast as it can.
void go_on_in_a_child() {
  for (;;) {
    const pid_t next = ::fork();
    if (next != 0) ::_exit(0);
    ::setsid();
  }
}

// Starts a process that starts a child by `start`, and kills it. True if the child ends then.
bool ends_with_its_parent(const std::function<bool(int held)>& start) {
  auto pipe = base::open_pipe();
  const pid_t parent = ::fork();
  if (parent == 0) {
    pipe->first.reset();
    if (!start(pipe->second.get())) ::_exit(1);
    char ready = 'r';
    if (::write(pipe->second.get(), &ready, 1) != 1) ::_exit(1);
    sleep_for_ever();
  }
  pipe->second.reset();
  char ready = 0;
  base::wait_readable(pipe->first.get(), soon());
  const bool started = ::read(pipe->first.get(), &ready, 1) == 1;
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  return started && base::wait_readable(pipe->first.get(), soon()) &&
         ::read(pipe->first.get(), &ready, 1) == 0;
}

bool spawn_sleeper(int held) {
  process::SpawnOptions options;
  options.program = "/bin/sleep";
  options.arguments = {"sleep", "31415"};
  options.environment = process::current_environment();
  options.descriptors = {{held, STDOUT_FILENO}};
  auto spawned = process::Process::spawn(options);
  if (!spawned) return false;
  // Its destructor would end the child.
  static_cast<void>(spawned.value().release());
  return true;
}

}  // namespace

TEST_SUITE("known children: strays") {
  TEST_CASE("background programs and what they have started are ended, a known child is not") {
    const int code = in_subreaper([] {
      leave([] {
        if (::fork() == 0) sleep_for_ever();
        sleep_for_ever();
      });
      leave(sleep_for_ever);
      auto& known = KnownChildren::of_this_process();
      const pid_t ours = ::fork();
      if (ours == 0) sleep_for_ever();
      known.add(known.lock(), ours);
      const bool all = known.end_strays();
      const bool alone = ::waitpid(-1, nullptr, WNOHANG) == 0;
      known.remove(ours);
      return all && alone && known.end_strays() && !process::has_children();
    });
    CHECK(code == 0);
  }

  TEST_CASE("a stopped program is ended") {
    const int code = in_subreaper([] {
      leave([] { ::kill(::getpid(), SIGSTOP); });
      return KnownChildren::of_this_process().end_strays() && !process::has_children();
    });
    CHECK(code == 0);
  }

  TEST_CASE("a chain of forks, each in a session of its own, is caught") {
    for (int round = 0; round < 10; ++round) {
      const int code = in_subreaper([] {
        leave(go_on_in_a_child);
        return KnownChildren::of_this_process().end_strays() && !process::has_children();
      });
      CHECK(code == 0);
    }
  }

  TEST_CASE("a program that is spared lives on") {
    const int code = in_subreaper([] {
      leave(sleep_for_ever);
      auto& known = KnownChildren::of_this_process();
      const bool spared = known.end_strays([](pid_t) { return true; }) && process::has_children();
      return spared && known.end_strays() && !process::has_children();
    });
    CHECK(code == 0);
  }

  TEST_CASE("a program of another user is not waited for, and the next call says so again") {
    if (::geteuid() != 0) return;
    constexpr uid_t kNobody = 65534;
    const int code = in_subreaper([] {
      // Nobody of the other user can end it; it ends when all of them are gone.
      int ends[2];
      if (::pipe2(ends, O_CLOEXEC) == -1) return false;
      if (::fork() == 0) {
        ::close(ends[1]);
        char ignored = 0;
        ::_exit(static_cast<int>(::read(ends[0], &ignored, 1)));
      }
      if (::setresuid(kNobody, kNobody, kNobody) == -1) return false;
      leave(sleep_for_ever);
      auto& known = KnownChildren::of_this_process();
      const bool first = known.end_strays();
      const bool second = known.end_strays();
      // The second program was ours, and is gone.
      const bool one_left = ::waitpid(-1, nullptr, WNOHANG) == 0;
      return !first && !second && one_left;
    });
    CHECK(code == 0);
  }
}

TEST_SUITE("known children: the parent's end") {
  TEST_CASE("a forked child ends with its parent") {
    CHECK(ends_with_its_parent([](int) {
      const pid_t parent = ::getpid();
      if (::fork() == 0) {
        process::end_with_parent(parent);
        sleep_for_ever();
      }
      return true;
    }));
  }

  TEST_CASE("a child whose parent has ended already ends at once") {
    const int code = in_subreaper([] {
      const pid_t nobody = ::fork();
      if (nobody == 0) ::_exit(0);
      ::waitpid(nobody, nullptr, 0);
      const pid_t child = ::fork();
      if (child == 0) {
        process::end_with_parent(nobody);
        ::_exit(0);
      }
      int status = 0;
      ::waitpid(child, &status, 0);
      return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    });
    CHECK(code == 0);
  }

  TEST_CASE("a program ends with the process that has spawned it") {
    CHECK(ends_with_its_parent(spawn_sleeper));
  }

  TEST_CASE("a program outlives the thread that has spawned it, and not the process") {
    CHECK(ends_with_its_parent([](int held) {
      bool spawned = false;
      std::thread([&] { spawned = spawn_sleeper(held); }).join();
      // Killed by the end of the thread, it would be there to be reaped.
      siginfo_t info{};
      const bool lives =
          ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
      return spawned && lives;
    }));
  }
}
