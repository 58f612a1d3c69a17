// SPDX-License-Identifier: MIT
#include "supervisor/loop.h"

#include <csignal>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/result.h"

namespace phork::supervisor {
namespace {

bool has_default_action(int number) {
  struct sigaction action {};

  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_DFL;
}

}  // namespace

TEST_SUITE("loop: stop") {
  TEST_CASE("a stop before run makes it return at once") {
    Loop loop;
    loop.stop();
    loop.run();
  }

  TEST_CASE("several stops have the effect of one") {
    Loop loop;
    loop.stop();
    loop.stop();
    loop.run();
    loop.stop();
    loop.run();
  }

  TEST_CASE("another thread can stop a running loop") {
    Loop loop;
    std::latch running(1);
    loop.on_signal(SIGUSR1, [&] { running.count_down(); });
    REQUIRE(std::raise(SIGUSR1) == 0);
    const std::jthread stopper([&] {
      running.wait();
      loop.stop();
    });
    loop.run();
  }

  TEST_CASE("many threads may stop it at once") {
    Loop loop;
    std::vector<std::jthread> stoppers;
    for (int i = 0; i < 4; ++i) stoppers.emplace_back([&loop] { loop.stop(); });
    loop.run();
  }

  TEST_CASE("watches outlive a run and work in the next one") {
    Loop loop;
    int calls = 0;
    loop.on_signal(SIGUSR1, [&] {
      ++calls;
      loop.stop();
    });
    for (int run = 1; run <= 2; ++run) {
      REQUIRE(std::raise(SIGUSR1) == 0);
      loop.run();
      CHECK(calls == run);
    }
  }
}

TEST_SUITE("loop: signals") {
  TEST_CASE("each signal calls back its own watch") {
    Loop loop;
    int first = 0;
    int second = 0;
    loop.on_signal(SIGUSR1, [&] { ++first; });
    loop.on_signal(SIGUSR2, [&] {
      ++second;
      loop.stop();
    });
    REQUIRE(std::raise(SIGUSR1) == 0);
    REQUIRE(std::raise(SIGUSR2) == 0);
    loop.run();
    CHECK(first == 1);
    CHECK(second == 1);
  }

  TEST_CASE("a signal that another thread receives calls back on the loop's thread") {
    Loop loop;
    std::thread::id called_on;
    loop.on_signal(SIGUSR1, [&] {
      called_on = std::this_thread::get_id();
      loop.stop();
    });
    const std::jthread raiser([] { CHECK(std::raise(SIGUSR1) == 0); });
    loop.run();
    CHECK(called_on == std::this_thread::get_id());
  }

  TEST_CASE("the destructor restores a signal's default action") {
    {
      Loop loop;
      loop.on_signal(SIGUSR1, [] {});
      CHECK_FALSE(has_default_action(SIGUSR1));
    }
    CHECK(has_default_action(SIGUSR1));
  }

  TEST_CASE("a signal that cannot be watched throws and leaves the loop usable") {
    Loop loop;
    CHECK_THROWS_AS(loop.on_signal(SIGKILL, [] {}), base::SystemError);
    CHECK_THROWS_AS(loop.on_signal(0, [] {}), base::SystemError);
    bool called = false;
    loop.on_signal(SIGUSR1, [&] {
      called = true;
      loop.stop();
    });
    REQUIRE(std::raise(SIGUSR1) == 0);
    loop.run();
    CHECK(called);
  }
}

TEST_SUITE("loop: end") {
  TEST_CASE("a loop that never ran can be destroyed with active watches") {
    int calls = 0;
    {
      Loop loop;
      loop.on_signal(SIGUSR1, [&] { ++calls; });
      REQUIRE(std::raise(SIGUSR1) == 0);
    }
    CHECK(calls == 0);
  }

  TEST_CASE("a loop can be destroyed after a stop that no run has handled") {
    Loop loop;
    loop.on_signal(SIGUSR1, [] {});
    loop.stop();
  }

  TEST_CASE("objects that callbacks hold are released with the loop") {
    const auto held = std::make_shared<int>(0);
    {
      Loop loop;
      loop.on_signal(SIGUSR1, [held] {});
      CHECK(held.use_count() == 2);
    }
    CHECK(held.use_count() == 1);
  }
}

}  // namespace phork::supervisor
