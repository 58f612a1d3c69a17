// SPDX-License-Identifier: MIT
//
// External extensions: the programs in a folder, /opt/extensions on Lambda, that run beside the
// runtime of one environment. A thread of its own reads what they print and sees them end.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <vector>

#include "emulator/event/event.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/process/line_reader.h"
#include "runtime/process/spawn.h"

namespace phork::emulator {

// The files in `folder` by name, each an extension; none when there is no such folder.
std::vector<std::string> find_extensions(const std::string& folder);

// The environment of an extension: that of the runtime without what Lambda keeps from extensions.
std::vector<std::string> extension_environment(std::vector<std::string> runtime_environment);

class ExternalExtensions : private base::Pinned {
 public:
  // Called on the thread of this object.
  struct Hooks {
    std::function<void(std::string_view line)> printed;
    // One has ended that end() has not asked to; `how` is "exit status 1".
    std::function<void(const std::string& name, const std::string& how)> crashed;
  };

  explicit ExternalExtensions(Hooks hooks) : hooks_(std::move(hooks)) {}

  ~ExternalExtensions();

  // Starts those of `names` in `folder`. An error names the first one that did not start; the
  // others are ended. The calling thread must live as long as they do.
  base::Status start(const std::string& folder, const std::vector<std::string>& names,
                     const process::SpawnOptions& common);

  std::vector<pid_t> pids() const;
  // Kills those of which `may_finish` says false at once, the others at `until`, and returns when
  // all have ended and their output is read.
  void end(const std::function<bool(const std::string& name)>& may_finish, Clock::time_point until);

 private:
  struct Running {
    std::string name;
    std::unique_ptr<process::Process> process;
    process::LineReader output;
    std::optional<process::ExitStatus> status;  // once it has ended
    bool told = false;                          // hooks_.crashed was called
  };

  base::Status start_one(const std::string& name, process::SpawnOptions options);
  void watch();
  void look(Clock::time_point until);

  const Hooks hooks_;
  std::vector<std::unique_ptr<Running>> running_;  // of watcher_ while that runs
  std::atomic<bool> ending_ = false;
  base::Fd wakeup_fd_;
  std::thread watcher_;
};

}  // namespace phork::emulator
