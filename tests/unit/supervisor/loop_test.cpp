// SPDX-License-Identifier: MIT
#include "supervisor/loop.h"

#include <array>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <latch>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::supervisor {
namespace {

using base::Fd;
using base::FdPair;

FdPair make_pipe() {
  auto pipe = base::open_pipe();
  REQUIRE(pipe.ok());
  return std::move(pipe).value();
}

void write_text(const Fd& pipe, const std::string& text) {
  CHECK(::write(pipe.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

std::string read_some(const Fd& pipe) {
  std::array<char, 64> data{};
  const ssize_t got = ::read(pipe.get(), data.data(), data.size());
  return got > 0 ? std::string(data.data(), static_cast<std::size_t>(got)) : std::string();
}

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

  TEST_CASE("several stops are as good as one") {
    Loop loop;
    loop.stop();
    loop.stop();
    loop.run();
    loop.stop();
    loop.run();
  }

  TEST_CASE("another thread stops a loop that runs") {
    Loop loop;
    const FdPair pipe = make_pipe();
    std::latch running(1);
    loop.on_readable(pipe.first.get(), [&] {
      loop.unwatch(pipe.first.get());
      running.count_down();
    });
    write_text(pipe.second, "x");
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

  TEST_CASE("watches outlive a run and are heard in the next") {
    Loop loop;
    const FdPair pipe = make_pipe();
    std::string heard;
    loop.on_readable(pipe.first.get(), [&] {
      heard += read_some(pipe.first);
      loop.stop();
    });
    write_text(pipe.second, "one");
    loop.run();
    write_text(pipe.second, "two");
    loop.run();
    CHECK(heard == "onetwo");
  }
}

TEST_SUITE("loop: signals") {
  TEST_CASE("a signal calls back, each number its own watch") {
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

  TEST_CASE("a signal that another thread receives calls back where the loop runs") {
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

  TEST_CASE("the end of the loop gives a signal its default action back") {
    {
      Loop loop;
      loop.on_signal(SIGUSR1, [] {});
      CHECK_FALSE(has_default_action(SIGUSR1));
    }
    CHECK(has_default_action(SIGUSR1));
  }

  TEST_CASE("a signal that cannot be watched throws and leaves the loop in order") {
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

TEST_SUITE("loop: descriptors") {
  TEST_CASE("a descriptor calls back for as long as it is readable") {
    Loop loop;
    const FdPair pipe = make_pipe();
    int calls = 0;
    loop.on_readable(pipe.first.get(), [&] {
      if (++calls >= 3) loop.stop();  // unread all the while
    });
    write_text(pipe.second, "x");
    loop.run();
    CHECK(calls >= 3);
  }

  TEST_CASE("the end of a stream calls back like data does") {
    for (const bool is_pipe : {true, false}) {
      CAPTURE(is_pipe);
      Loop loop;
      auto pair = is_pipe ? base::open_pipe() : base::make_socket_pair(SOCK_STREAM);
      REQUIRE(pair.ok());
      bool ended = false;
      loop.on_readable(pair->first.get(), [&] {
        char byte = 0;
        ended = ::read(pair->first.get(), &byte, 1) == 0;
        loop.stop();
      });
      pair->second.reset();
      loop.run();
      CHECK(ended);
    }
  }

  TEST_CASE("each of several descriptors has its own callback") {
    Loop loop;
    const FdPair one = make_pipe();
    const FdPair two = make_pipe();
    std::string first;
    std::string second;
    const auto stop_after_both = [&] {
      if (!first.empty() && !second.empty()) loop.stop();
    };
    loop.on_readable(one.first.get(), [&] {
      first += read_some(one.first);
      stop_after_both();
    });
    loop.on_readable(two.first.get(), [&] {
      second += read_some(two.first);
      stop_after_both();
    });
    write_text(two.second, "2");
    write_text(one.second, "1");
    loop.run();
    CHECK(first == "1");
    CHECK(second == "2");
  }

  TEST_CASE("what is unwatched is not heard any more") {
    Loop loop;
    const FdPair silent = make_pipe();
    const FdPair heard = make_pipe();
    int calls = 0;
    loop.on_readable(silent.first.get(), [&] { ++calls; });
    loop.on_readable(heard.first.get(), [&] { loop.stop(); });
    loop.unwatch(silent.first.get());
    write_text(silent.second, "x");
    write_text(heard.second, "x");
    loop.run();
    CHECK(calls == 0);
  }

  TEST_CASE("a number that was unwatched and closed can be watched again") {
    Loop loop;
    FdPair old = make_pipe();
    const int number = old.first.get();
    int old_calls = 0;
    loop.on_readable(number, [&] { ++old_calls; });
    loop.unwatch(number);
    old.first.reset();
    const FdPair next = make_pipe();
    REQUIRE(next.first.get() == number);  // the kernel gives out the lowest free number
    loop.on_readable(number, [&] { loop.stop(); });
    write_text(next.second, "x");
    loop.run();
    CHECK(old_calls == 0);
  }

  TEST_CASE("to unwatch what is not watched does nothing") {
    Loop loop;
    const FdPair pipe = make_pipe();
    loop.unwatch(pipe.first.get());
    loop.unwatch(-1);
    loop.on_readable(pipe.first.get(), [&] { loop.stop(); });
    loop.unwatch(pipe.second.get());
    write_text(pipe.second, "x");
    loop.run();
  }

  TEST_CASE("what cannot be waited for throws and leaves the loop in order") {
    Loop loop;
    const Fd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    REQUIRE(file.valid());
    CHECK_THROWS_AS(loop.on_readable(file.get(), [] {}), base::SystemError);
    CHECK_THROWS_AS(loop.on_readable(-1, [] {}), base::SystemError);
    loop.stop();
    loop.run();
  }
}

TEST_SUITE("loop: end") {
  TEST_CASE("a loop that never ran ends with its watches live") {
    const FdPair pipe = make_pipe();
    int calls = 0;
    {
      Loop loop;
      loop.on_signal(SIGUSR1, [&] { ++calls; });
      loop.on_readable(pipe.first.get(), [&] { ++calls; });
      write_text(pipe.second, "x");
      REQUIRE(std::raise(SIGUSR1) == 0);
    }
    CHECK(calls == 0);
    CHECK(read_some(pipe.first) == "x");  // whoever watches does not own
  }

  TEST_CASE("a loop ends well after a stop that no run has seen") {
    Loop loop;
    loop.on_signal(SIGUSR1, [] {});
    loop.stop();
  }

  TEST_CASE("what callbacks hold is released with the loop") {
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
