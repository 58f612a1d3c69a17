// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/kernel_state.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <sched.h>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>
#include <utility>

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

struct Told {
  Text first{};
  Text second{};
  Text left{};  // what a comparison of every value finds after the first put_back()
};

Told told_after(const std::function<void()>& change, bool old_kernel) {
  const Shared<Told> told;
  CHECK(in_child([&] {
          if (old_kernel) ::setenv("PHORK_OLD_KERNEL", "1", 1);
          KernelState before;
          change();
          keep(before.put_back(), told->first);
          keep(before.difference(), told->left);
          keep(before.put_back(), told->second);
        }) == 0);
  return *told;
}

// The difference that put_back() names in a process that ran `change`. A second put_back() has to
// name the same one: state that was restored must not differ again. When it names none, no value
// may differ, so a change that the signs miss fails the test. The same on an old kernel. `undo`
// runs in the test's process after each, for changes to what it shares with the copy.
std::string difference_after(
    const std::function<void()>& change, const std::function<void()>& undo = [] {}) {
  std::string name;
  for (const bool old_kernel : {true, false}) {
    CAPTURE(old_kernel);
    const Told told = told_after(change, old_kernel);
    undo();
    name = told.first.data();
    CHECK(name == told.second.data());
    if (name.empty()) CHECK(std::string_view(told.left.data()).empty());
  }
  return name;
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

  // A sign that always differs would make each comparison a full one, and no other case fail.
  TEST_CASE("unchanged state is known by its signs") {
    const Shared<bool> same;
    for (const bool old_kernel : {false, true}) {
      CAPTURE(old_kernel);
      CHECK(in_child([&] {
              if (old_kernel) ::setenv("PHORK_OLD_KERNEL", "1", 1);
              KernelSigns signs;
              const int opened = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
              const bool same_with_one_more = signs.are_same();
              signs.hide_files();
              ::close(opened);
              *same = !same_with_one_more && signs.are_same();
            }) == 0);
      CHECK(*same);
    }
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
    CHECK(difference_after([file] { ::flock(file, LOCK_EX); },
                           [file] { ::flock(file, LOCK_UN); }) == name);
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

  TEST_CASE("a handler is restored when another one of the same signal takes its place") {
    const auto replace = [](int flags, int also_blocked) {
      struct sigaction other {};

      other.sa_handler = [](int) {};
      other.sa_flags = flags;
      if (also_blocked != 0) sigaddset(&other.sa_mask, also_blocked);
      ::sigaction(SIGUSR2, &other, nullptr);
    };
    ::signal(SIGUSR2, [](int) { ::_exit(3); });

    struct sigaction before {};

    ::sigaction(SIGUSR2, nullptr, &before);
    CHECK(difference_after([&] { replace(before.sa_flags, 0); }).empty());
    CHECK(difference_after([&] {
            before.sa_flags ^= SA_NODEFER, ::sigaction(SIGUSR2, &before, nullptr);
          }).empty());
    CHECK(difference_after([&] { replace(0, SIGHUP); }).empty());
    ::signal(SIGUSR2, SIG_DFL);
  }

  TEST_CASE("children that are not to be waited for are, after it") {
    CHECK(difference_after([] {
            struct sigaction without_zombies {};

            without_zombies.sa_handler = SIG_DFL;
            without_zombies.sa_flags = SA_NOCLDWAIT;
            ::sigaction(SIGCHLD, &without_zombies, nullptr);
          }).empty());
  }

  TEST_CASE("each resource limit is restored") {
    for (int which = 0; which < RLIM_NLIMITS; ++which) {
      CAPTURE(which);
      rlimit limit{};
      ::syscall(SYS_prlimit64, 0, which, nullptr, &limit);
      if (limit.rlim_cur < 2) continue;
      const std::string difference = difference_after([which, limit] {
        rlimit lower = limit;
        // Low enough to differ, and high enough to look at descriptors and to map memory. The
        // kernel counts the limit of processor time, in seconds, as nanoseconds in 64 bits.
        const rlim_t high = rlim_t{1} << (which == RLIMIT_CPU ? 30U : 60U);
        lower.rlim_cur = limit.rlim_cur == RLIM_INFINITY ? high : limit.rlim_cur - 1;
        REQUIRE(::syscall(SYS_prlimit64, 0, which, &lower, nullptr) == 0);
      });
      CHECK(difference.empty());
    }
  }

  TEST_CASE("each interval timer is stopped") {
    for (const int which : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}) {
      CAPTURE(which);
      CHECK(difference_after([which] {
              const itimerval timer{{100, 0}, {100, 0}};
              ::syscall(SYS_setitimer, which, &timer, nullptr);
            }).empty());
    }
  }

  TEST_CASE("each kind of change to a file's descriptor is restored") {
    const int file = open_file();
    CHECK(difference_after([file] { ::fcntl(file, F_SETFL, O_APPEND); }).empty());
    CHECK(difference_after([file] { ::fcntl(file, F_SETFD, 0); }).empty());
    CHECK(difference_after([file] { ::lseek(file, 77, SEEK_SET); }).empty());
    CHECK(difference_after([file] {
            struct flock lock {};

            lock.l_type = F_WRLCK;
            REQUIRE(::fcntl(file, F_SETLK, &lock) == 0);
          }).empty());
    CHECK(difference_after([file] { ::fcntl(file, F_DUPFD_CLOEXEC, 0); }).empty());
    CHECK(difference_after([file] { ::fchmod(file, 0400); }, [file] { ::fchmod(file, 0600); }) ==
          "descriptor " + std::to_string(file));
    ::close(file);
  }

  TEST_CASE("pipes and sockets that take another's number are reported, and flags restored") {
    std::array<int, 2> pipe{};
    std::array<int, 2> sockets{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) == 0);
    for (const int number : {pipe[0], sockets[0]}) {
      const std::string name = "descriptor " + std::to_string(number);
      CHECK(difference_after([number] { ::fcntl(number, F_SETFL, O_NONBLOCK); }).empty());
      ::fcntl(number, F_SETFL, 0);
      CHECK(difference_after([number] { ::fcntl(number, F_SETFD, 0); }).empty());
      CHECK(difference_after([number] { ::close(number); }) == name);
      // Decides who may open it again in /proc/self/fd.
      CHECK(difference_after([number] { REQUIRE(::fchmod(number, 0400) == 0); },
                             [number] { ::fchmod(number, 0600); }) == name);
      CHECK(difference_after([&] { ::dup3(pipe[1], number, O_CLOEXEC); }) == name);
      CHECK(difference_after([&] {
              std::array<int, 2> others{};
              REQUIRE(::pipe2(others.data(), O_CLOEXEC) == 0);
              ::dup3(others[0], number, O_CLOEXEC);
              ::close(others[0]);
              ::close(others[1]);
            }) == name);
    }
    for (const int number : {pipe[0], pipe[1], sockets[0], sockets[1]}) ::close(number);
  }

  TEST_CASE("an event that closes all descriptors is reported") {
    const int file = open_file();
    CHECK(difference_after([] { ::close_range(3, ~0U, 0); }).starts_with("descriptor "));
    ::close(file);
  }

  TEST_CASE("a place in another namespace or root folder is reported") {
    CHECK(difference_after([] { ::unshare(CLONE_NEWUSER); }) != "");
    if (::geteuid() != 0) return;
    for (const int space :
         {CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNET, CLONE_NEWCGROUP, CLONE_NEWPID}) {
      CAPTURE(space);
      CHECK(difference_after([space] { REQUIRE(::unshare(space) == 0); }) ==
            "root folder or namespaces");
    }
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
    CHECK(difference_after(
              [&living] {
                const pid_t pid = ::fork();
                if (pid == 0) ::pause();
                *living = pid;
              },
              [&living] {
                REQUIRE(*living > 0);
                ::kill(*living, SIGKILL);
              }) == "children");
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
    for (const int policy : {SCHED_BATCH, SCHED_IDLE, SCHED_OTHER | SCHED_RESET_ON_FORK}) {
      CHECK(difference_after([policy] {
              const sched_param none{};
              REQUIRE(::sched_setscheduler(0, policy, &none) == 0);
            }) == "scheduling");
    }
    CHECK(difference_after([] {
            constexpr int kOfProcess = 1;
            constexpr int kBestEffortSix = 2 << 13 | 6;
            REQUIRE(::syscall(SYS_ioprio_set, kOfProcess, 0, kBestEffortSix) == 0);
          }) == "scheduling");
    for (const std::pair<int, int>& attribute : {std::pair{PR_SET_CHILD_SUBREAPER, 1},
                                                 {PR_SET_KEEPCAPS, 1},
                                                 {PR_SET_TIMERSLACK, 77'777},
                                                 {PR_SET_THP_DISABLE, 1}}) {
      CAPTURE(attribute.first);
      CHECK(difference_after([attribute] {
              REQUIRE(::prctl(attribute.first, attribute.second, 0, 0, 0) == 0);
            }) == "process attributes");
    }
    CHECK(difference_after([] { ::personality(ADDR_NO_RANDOMIZE); }) == "process attributes");
    CHECK(difference_after([] { ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }) == "status");
    CHECK(difference_after([] { std::thread([] { ::pause(); }).detach(); }) == "status");
  }
}

}  // namespace phork::sapi
