// SPDX-License-Identifier: MIT
#include "runtime/base/read_to_end.h"

#include <array>
#include <chrono>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/base/write_all.h"

namespace phork::base {

TEST_SUITE("read to end") {
  TEST_CASE("all that was written comes, however much, up to the end") {
    auto pipe = open_pipe();
    REQUIRE(pipe.ok());
    const std::string sent(1'000'000, 'x');  // more than a pipe holds
    std::thread writer([&] {
      std::array<iovec, 1> parts{piece(sent)};
      static_cast<void>(write_all(pipe->second.get(), parts));
      pipe->second.reset();
    });
    CHECK(read_to_end(pipe->first.get()) == sent);
    writer.join();
    CHECK(read_to_end(pipe->first.get()).empty());
  }

  TEST_CASE("with the deadline passed, nothing is waited for") {
    const auto pipe = open_pipe();
    REQUIRE(pipe.ok());
    CHECK(read_to_end(pipe->first.get(), std::chrono::steady_clock::now()).empty());
  }
}

}  // namespace phork::base
