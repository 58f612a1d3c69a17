// SPDX-License-Identifier: MIT
#include "cli/terminal.h"

#include <string>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"

using phork::cli::Progress;

namespace {

// Everything that a Progress writes during `action` and when it is destroyed.
template <typename Action>
std::string written(bool terminal, Action action) {
  auto pipe = phork::base::open_pipe();
  {
    Progress progress(pipe->second.get(), terminal, "bench");
    action(progress);
  }
  pipe->second.reset();
  return phork::base::read_to_end(pipe->first.get());
}

}  // namespace

TEST_SUITE("progress") {
  TEST_CASE("on a terminal each step overwrites the last, and the end erases the line") {
    CHECK(written(true, [](Progress& progress) {
            progress.show("one");
            progress.show("two");
          }) == "\r\033[Kbench: one\r\033[Kbench: two\r\033[K");
  }

  TEST_CASE("elsewhere each step is a line") {
    CHECK(written(false, [](Progress& progress) {
            progress.show("one");
            progress.show("two");
          }) == "bench: one\nbench: two\n");
  }

  TEST_CASE("a line is never wider than a terminal and moves no cursor") {
    const std::string text = written(
        true, [](Progress& progress) { progress.show("a\x1b[2J\n" + std::string(200, 'x')); });
    CHECK(text.find('\n') == std::string::npos);
    CHECK(text.find("a?[2J?") != std::string::npos);
    CHECK(text.size() < 100);
  }
}
