// SPDX-License-Identifier: MIT
//
// Starting and ending programs. A `Process` is a child of this process, held by pidfd, so that a
// signal can never reach a stranger with a recycled pid; its destructor kills and reaps. It leads a
// session and a group of its own pid, and ends when this process does, however that ends. Usable
// from any thread, but one `Process` from one thread at a time.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::process {

using base::Deadline;

// `ours` becomes `theirs` in the child. All other descriptors close there, as they are
// close-on-exec.
struct FdMapping {
  int ours;
  int theirs;
};

struct SpawnOptions {
  std::string program;                   // path of an executable file
  std::vector<std::string> arguments;    // argv, with argv[0]
  std::vector<std::string> environment;  // NAME=VALUE, all of it
  std::string working_directory;         // "" keeps ours
  std::vector<FdMapping> descriptors;
  // The child gets it when this process ends, also by SIGKILL. One that handles it has to end all
  // that it has started, and itself.
  int death_signal = SIGKILL;
  // The child becomes the parent of processes below it that lose theirs, so that one which looks at
  // its children sees all that is left of what it started.
  bool adopts_orphans = false;
  // cgroup.procs of control groups, open for writing, that the child joins before its program runs.
  std::vector<int> control_groups;
};

// The environment of this process as NAME=VALUE.
std::vector<std::string> current_environment();
// Sets or replaces NAME in such a list.
void set_variable(std::vector<std::string>& environment, const std::string& name,
                  const std::string& value);

// The end of a process, from waitid or from a zygote's report.
struct ExitStatus {
  enum class Kind : std::uint8_t { kExited, kSignalled };
  Kind kind = Kind::kExited;
  int code = 0;  // exit code or signal number

  bool clean() const { return kind == Kind::kExited && code == 0; }

  // "exit code 3", "signal 11 (Segmentation fault)"
  std::string describe() const;
  static ExitStatus from_wait_status(int wait_status);
};

class Process : private base::Pinned {
 public:
  static base::Result<std::unique_ptr<Process>> spawn(const SpawnOptions& options);

  ~Process();

  pid_t pid() const { return pid_; }

  // Becomes readable when the process has ended.
  int pidfd() const { return pidfd_.get(); }

  // Waits until `deadline` (none: without end) and reaps; ends what is left of its group then.
  // Empty when it still runs.
  std::optional<ExitStatus> wait(std::optional<Deadline> deadline = std::nullopt);
  // No effect once the process was reaped.
  void signal(int number);
  // The whole process group.
  void signal_group(int number);
  // SIGKILL to the process and to its group.
  void kill();

 private:
  Process(pid_t pid, base::Fd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}

  pid_t pid_;
  base::Fd pidfd_;
  std::optional<ExitStatus> status_;  // set in the step that reaps
};

// The output of a program that was run to its end.
struct ProgramOutput {
  std::string text;
  std::optional<ExitStatus> status;  // empty when it did not end in time

  bool succeeded() const { return status && status->clean(); }

  // "exit code 3", "no end in time"
  std::string describe_end() const;
};

enum class ErrorStream : bool { kOurs, kWithOutput };

// Runs a program to its end and reads its standard output; one that takes longer than `timeout` is
// killed. Waits. Adds the output streams to `options.descriptors`.
base::Result<ProgramOutput> run_to_end(SpawnOptions options, std::chrono::milliseconds timeout,
                                       ErrorStream errors);

}  // namespace phork::process
