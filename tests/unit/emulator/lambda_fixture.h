// SPDX-License-Identifier: MIT
//
// A local Lambda over a fake runtime: this test binary, started again. What the runtime does at its
// init is its mode, what it does with an event the event says; lambda_fixture.cpp has both.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <sys/types.h>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "emulator/environments/local_lambda.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"

namespace phork::emulator::test {

using phork::testing::eventually;

// A log of its own to read back.
class LogFile {
 public:
  LogFile();

  int fd() const { return fd_.get(); }

  std::vector<std::string> lines() const;

 private:
  base::Fd fd_;
};

struct LambdaFixture {
  LogFile file;
  LogSink log{file.fd()};
  phork::testing::ScratchFolder folder;  // outlives the processes, which use it as a meeting place

  FunctionConfig config(const std::string& mode = {}) const;
  FunctionConfig config(const std::string& mode, unsigned concurrency) const;

  static EventResult invoke(LocalLambda& lambda, const std::string& command);

  static pid_t pid_of_runtime(LocalLambda& lambda) { return std::stoi(invoke(lambda, "pid").body); }

  // Without those that doctest writes in the runtime's name.
  std::vector<std::string> lines();
  std::size_t count(const std::string& prefix);
  // Of the last line that begins with `prefix`, the value of "name: value"; empty without.
  std::string last_field(const std::string& prefix, const std::string& name);
};

// Events from threads of their own.
class Callers : private base::Pinned {
 public:
  explicit Callers(LocalLambda& lambda) : lambda_(lambda) {}

  ~Callers() { results(); }

  void invoke(const std::string& command);
  // In the order of the calls, once all have theirs.
  std::vector<EventResult> results();

 private:
  LocalLambda& lambda_;
  std::vector<std::thread> threads_;
  std::deque<EventResult> results_;  // references stay valid
};

}  // namespace phork::emulator::test
