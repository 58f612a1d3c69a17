// SPDX-License-Identifier: MIT
//
// A runtime process and its memory use, for the monitor thread of an environment.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/environments/journal.h"
#include "emulator/event/event.h"
#include "emulator/event/function_config.h"
#include "emulator/observe/statistics.h"
#include "emulator/sandbox/sandbox.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"
#include "runtime/process/process_tree.h"
#include "runtime/process/spawn.h"

namespace phork::emulator {

// One runtime process, from its start until it and all its descendants have ended. Reads its output
// while waiting for it, so that it never blocks on a full pipe. Ending it cannot fail: a process
// that does not exit on request is killed, and the destructor kills one that is still there.
class RuntimeProcess {
 public:
  // The environment of the process.
  struct Surroundings {
    std::vector<std::string> variables;
    Sandbox* sandbox = nullptr;      // borrowed; null without a sandbox
    bool beside_extensions = false;  // which outlive it and share its sandbox
  };

  enum class Shutdown : std::uint8_t {
    kTerminate,  // SIGTERM, two seconds (0.3 beside extensions), SIGKILL: Lambda's shutdown phase
    kLetExit,    // wait two seconds for it to exit by itself, then SIGKILL
    kKill,       // SIGKILL to the whole process tree at once
    kExited,     // it has exited already
  };

  // Borrows `output`.
  static base::Result<std::unique_ptr<RuntimeProcess>> spawn(const FunctionConfig& config,
                                                             const Surroundings& surroundings,
                                                             RuntimeOutput& output);

  pid_t pid() const { return process_->pid(); }

  // Forwards output until `until`, or until `wakeup`, an eventfd that this resets, is signalled.
  // True when the process has ended.
  bool wait_for_wakeup(const base::Fd& wakeup, Clock::time_point until);

  // Stops all its processes, and those below `others`, for `time`, or until `ends`.
  void pause(const std::vector<pid_t>& others, const base::Fd& wakeup,
             std::chrono::milliseconds time, const std::atomic<bool>& ends);

  process::TreeUsage measure() const { return process::measure_tree(process_->pid()); }

  // Returns when all its processes have ended and all output is forwarded.
  process::ExitStatus end(Shutdown shutdown);

 private:
  RuntimeProcess(std::unique_ptr<process::Process> process, RuntimeOutput& output,
                 const Surroundings& surroundings)
      : process_(std::move(process)),
        output_(output),
        sandbox_(surroundings.sandbox),
        beside_extensions_(surroundings.beside_extensions) {}

  std::optional<process::ExitStatus> drain_until_exit(std::chrono::milliseconds grace);

  std::unique_ptr<process::Process> process_;
  RuntimeOutput& output_;
  Sandbox* sandbox_;
  const bool beside_extensions_;
};

// Samples the memory and page faults of a process tree for the journal and the statistics. A sample
// costs about a millisecond of CPU and delays page faults of the sampled process, so it is taken at
// most once a second and only if events were served since: it shows the steady level of the tree,
// not a peak inside an event.
class UsageSampler {
 public:
  UsageSampler(EnvironmentJournal& journal, Statistics& statistics)
      : journal_(journal), statistics_(statistics) {}

  // A new process starts.
  void restart();

  // When the next sample is due; never before the first sample().
  Clock::time_point due() const { return due_; }

  // `served`: events served so far, by all processes of the environment.
  void sample(const RuntimeProcess& process, std::size_t served);

 private:
  EnvironmentJournal& journal_;
  Statistics& statistics_;
  Clock::time_point due_ = Clock::time_point::max();
  std::size_t served_ = 0;
  std::optional<std::uint64_t> minor_faults_;  // in the last sample
};

}  // namespace phork::emulator
