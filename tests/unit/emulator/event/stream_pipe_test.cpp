// SPDX-License-Identifier: MIT
#include "emulator/event/stream_pipe.h"

#include <atomic>
#include <thread>

#include <doctest/doctest.h>

using phork::emulator::StreamPipe;

namespace {

struct Fixture {
  std::atomic<int> interrupts = 0;
  StreamPipe pipe{"text/plain", [this] { ++interrupts; }};
  std::string bytes;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "written bytes are read in one piece, and a closed pipe ends") {
  CHECK(pipe.content_type() == "text/plain");
  CHECK(pipe.write("one "));
  CHECK(pipe.write("two"));
  CHECK(pipe.read(bytes));
  CHECK(bytes == "one two");
  CHECK(pipe.write("three"));
  pipe.close();
  CHECK_FALSE(pipe.write("four"));
  CHECK(pipe.read(bytes));
  CHECK(bytes == "three");
  CHECK_FALSE(pipe.read(bytes));
  CHECK(bytes.empty());
}

TEST_CASE_FIXTURE(Fixture, "a reader waits for bytes, and for the end") {
  std::thread writer([this] {
    pipe.write("late");
    pipe.close();
  });
  CHECK(pipe.read(bytes));
  CHECK(bytes == "late");
  CHECK_FALSE(pipe.read(bytes));
  writer.join();
}

TEST_CASE_FIXTURE(Fixture, "a writer is never ahead by more than the capacity") {
  constexpr std::size_t kTotal = 20 * StreamPipe::kCapacityBytes + 7;
  std::thread writer([this] {
    const std::string much(kTotal, 'x');
    CHECK(pipe.write(much));
    pipe.close();
  });
  std::size_t total = 0;
  while (pipe.read(bytes)) {
    CHECK(bytes.size() <= StreamPipe::kCapacityBytes);
    total += bytes.size();
  }
  writer.join();
  CHECK(total == kTotal);
}

TEST_CASE_FIXTURE(Fixture, "a writer that waits for room is released when either side ends") {
  std::thread writer([this] { CHECK_FALSE(pipe.write(std::string(1 << 20, 'x'))); });
  SUBCASE("the reader gives up") {
    pipe.read(bytes);
    pipe.abandon();
    CHECK(pipe.abandoned());
    CHECK(interrupts == 1);
  }
  SUBCASE("another thread closes it") {
    pipe.close();
    CHECK_FALSE(pipe.abandoned());
    CHECK(interrupts == 0);
  }
  writer.join();
}

TEST_CASE_FIXTURE(Fixture, "a detached writer is not interrupted") {
  pipe.detach_writer();
  pipe.abandon();
  CHECK(interrupts == 0);
  CHECK_FALSE(pipe.write("x"));
}
