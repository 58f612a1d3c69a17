// SPDX-License-Identifier: MIT
//
// One process of a runtime, from its start until it and all its descendants are gone. Owned and
// used by an environment's keeper thread. Reads what the process writes while it waits for it, so
// that a process with much to say never blocks on a full pipe. Its end cannot fail: what does not
// go when asked is killed, and the destructor kills what was not ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "emulator/environments/runtime_output.h"
#include "emulator/event/event.h"
#include "emulator/event/function_config.h"
#include "emulator/sandbox/sandbox.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/process/process_tree.h"
#include "runtime/process/spawn.h"

namespace phork::emulator {

class RuntimeProcess {
 public:
  // Where it finds itself.
  struct Surroundings {
    std::string api_address;  // of the Runtime API
    std::string log_stream;
    Sandbox* sandbox = nullptr;  // outlives the process; null: none
  };

  enum class Farewell : std::uint8_t {
    kAsked,   // SIGTERM to its group, two seconds, SIGKILL: Lambda's shutdown phase
    kLeft,    // it is about to end by itself and has two seconds for it
    kKilled,  // at once, wherever its processes are
    kEnded,   // it has ended already
  };

  // `output` outlives the process.
  static base::Result<std::unique_ptr<RuntimeProcess>> spawn(const FunctionConfig& config,
                                                             const Surroundings& surroundings,
                                                             RuntimeOutput& output);

  pid_t pid() const { return process_->pid(); }

  // Passes on output until `until`, or until `news` (an eventfd, emptied here) has something. True
  // once the process has ended.
  bool wait_for_news(const base::Fd& news, Clock::time_point until);

  process::TreeUsage measure() const { return process::measure_tree(process_->pid()); }

  // Returns when nothing of it is left and all its output is passed on.
  process::ExitStatus end(Farewell farewell);

 private:
  RuntimeProcess(std::unique_ptr<process::Process> process, RuntimeOutput& output, Sandbox* sandbox)
      : process_(std::move(process)), output_(output), sandbox_(sandbox) {}

  std::optional<process::ExitStatus> drain_until_exit(std::chrono::milliseconds grace);

  std::unique_ptr<process::Process> process_;
  RuntimeOutput& output_;
  Sandbox* sandbox_;
};

}  // namespace phork::emulator
