// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/kernel_state.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/unit/sapi/rollback/in_child.h"

namespace phork::sapi {
namespace {

using testing::in_child;
using testing::Shared;

using Text = std::array<char, 200>;

void keep(const std::string& text, Text& kept) {
  std::strncpy(kept.data(), text.c_str(), kept.size() - 1);
}

// The difference that put_back() names in a process that ran `change`. A second put_back() has to
// name the same one: state that was restored must not differ again.
std::string difference_after(const std::function<void()>& change) {
  const Shared<std::array<Text, 2>> told;
  CHECK(in_child([&] {
          const KernelState before;
          change();
          keep(before.put_back(), told->at(0));
          keep(before.put_back(), told->at(1));
        }) == 0);
  CHECK(std::string_view(told->at(0).data()) == told->at(1).data());
  return told->at(0).data();
}

// Opens a file that the child inherits.
int open_file() {
  std::string path = "/tmp/phork-kernel-state-XXXXXX";
  const int file = ::mkostemp(path.data(), O_CLOEXEC);
  REQUIRE(file >= 0);
  ::unlink(path.c_str());
  return file;
}

void write_file(const char* path, std::string_view text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  REQUIRE(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::close(file);
}

}  // namespace

TEST_SUITE("kernel_state") {
  TEST_CASE("unchanged state does not differ") {
    CHECK(difference_after([] {}).empty());
  }

  TEST_CASE("descriptors that were opened are closed") {
    CHECK(difference_after([] {
            for (int i = 0; i < 100; ++i) ::open("/dev/null", O_RDONLY | O_CLOEXEC);
            std::array<int, 2> pipe{};
            REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
          }).empty());
  }

  TEST_CASE("position, flags and locks of a file are restored") {
    const int file = open_file();
    CHECK(difference_after([file] {
            REQUIRE(::write(file, "text", 4) == 4);
            ::fcntl(file, F_SETFL, O_APPEND | O_NONBLOCK);
            ::fcntl(file, F_SETFD, 0);
            struct flock lock {};
            lock.l_type = F_WRLCK;
            REQUIRE(::fcntl(file, F_SETLK, &lock) == 0);
          }).empty());
    ::close(file);
  }

  TEST_CASE("a descriptor that was closed or now names another object is reported by its number") {
    const int file = open_file();
    const std::string name = "descriptor " + std::to_string(file);
    CHECK(difference_after([file] { ::close(file); }) == name);
    CHECK(difference_after([file] {
            const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
            ::dup3(null, file, O_CLOEXEC);
          }) == name);
    CHECK(difference_after([file] { ::flock(file, LOCK_EX); }) == name);
    ::close(file);
  }

  TEST_CASE("a changed object without a name is reported") {
    const int events = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const std::uint64_t one = 1;
    CHECK(difference_after([&] { REQUIRE(::write(events, &one, sizeof one) == sizeof one); }) ==
          "descriptor " + std::to_string(events));
    ::close(events);
  }

  TEST_CASE("signals, timers, folder, masks and limits are restored") {
    CHECK(difference_after([] { std::signal(SIGUSR1, [](int) {}); }).empty());
    CHECK(difference_after([] { std::signal(SIGTERM, SIG_IGN); }).empty());
    CHECK(difference_after([] {
            sigset_t mask;
            sigemptyset(&mask);
            sigaddset(&mask, SIGHUP);
            ::sigprocmask(SIG_BLOCK, &mask, nullptr);
          }).empty());
    CHECK(difference_after([] {
            static std::array<char, 65'536> stack;
            stack_t alternate{};
            alternate.ss_sp = stack.data();
            alternate.ss_size = stack.size();
            REQUIRE(::sigaltstack(&alternate, nullptr) == 0);
          }).empty());
    CHECK(difference_after([] { ::alarm(1'000); }).empty());
    CHECK(difference_after([] {
            const itimerval timer{{100, 0}, {100, 0}};
            ::setitimer(ITIMER_PROF, &timer, nullptr);
          }).empty());
    CHECK(difference_after([] { REQUIRE(::chdir("/") == 0); }).empty());
    CHECK(difference_after([] { ::umask(0); }).empty());
    CHECK(difference_after([] {
            rlimit limit{};
            ::getrlimit(RLIMIT_NOFILE, &limit);
            limit.rlim_cur = 50;
            ::setrlimit(RLIMIT_NOFILE, &limit);
          }).empty());
  }

  TEST_CASE("values written to the process's own /proc files are restored") {
    CHECK(difference_after([] { write_file("/proc/self/oom_score_adj", "100"); }).empty());
    CHECK(difference_after([] { write_file("/proc/self/coredump_filter", "0x1"); }).empty());
  }

  TEST_CASE("a child that has ended is reaped, and a living one is reported") {
    CHECK(difference_after([] {
            if (::fork() == 0) ::_exit(0);
            siginfo_t ended{};
            ::waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT);
          }).empty());
    const Shared<pid_t> living;
    CHECK(difference_after([&living] {
            const pid_t pid = ::fork();
            if (pid == 0) ::pause();
            *living = pid;
          }) == "children");
    REQUIRE(*living > 0);
    ::kill(*living, SIGKILL);
  }

  TEST_CASE("state that cannot be restored is reported by its name") {
    CHECK(difference_after([] {
            sigset_t mask;
            sigemptyset(&mask);
            sigaddset(&mask, SIGUSR1);
            ::sigprocmask(SIG_BLOCK, &mask, nullptr);
            ::raise(SIGUSR1);
          }) == "pending signals");
    CHECK(difference_after([] {
            timer_t timer{};
            sigevent event{};
            event.sigev_notify = SIGEV_NONE;
            REQUIRE(::timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
          }) == "POSIX timers");
    CHECK(difference_after([] { ::setpriority(PRIO_PROCESS, 0, 7); }) == "scheduling");
    CHECK(difference_after([] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); }) == "process attributes");
    CHECK(difference_after([] { ::prctl(PR_SET_DUMPABLE, 0); }) == "process attributes");
    CHECK(difference_after([] { ::setsid(); }) == "process attributes");
    CHECK(difference_after([] { ::prctl(PR_SET_NAME, "other"); }) == "status");
    CHECK(difference_after([] { ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }) == "status");
    CHECK(difference_after([] { std::thread([] { ::pause(); }).detach(); }) == "status");
  }
}

}  // namespace phork::sapi
