// SPDX-License-Identifier: MIT
//
// A local Lambda with a fake runtime: this test binary, started again. The runtime's mode says what
// it does at its init, each event what to do with it; see lambda_fixture.cpp.
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

// A log in a file, for a test to read.
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

  // Without the lines that doctest writes in the runtime.
  std::vector<std::string> lines();
  std::size_t count(const std::string& prefix);
  // The value of "name: value" in the last line that begins with `prefix`; empty when absent.
  std::string last_field(const std::string& prefix, const std::string& name);
};

// Events from threads of their own.
class Callers : private base::Pinned {
 public:
  explicit Callers(LocalLambda& lambda) : lambda_(lambda) {}

  ~Callers() { results(); }

  void invoke(const std::string& command);
  // All results in the order of the calls; waits for them.
  std::vector<EventResult> results();

 private:
  LocalLambda& lambda_;
  std::vector<std::thread> threads_;
  std::deque<EventResult> results_;  // references stay valid
};

}  // namespace phork::emulator::test
