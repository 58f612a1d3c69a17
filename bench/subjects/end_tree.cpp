// SPDX-License-Identifier: MIT
#include "bench/subjects/end_tree.h"

#include <chrono>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

#include "emulator/environments/process_tree.h"
#include "runtime/base/fd.h"
#include "runtime/base/poll.h"

namespace phork::bench {
namespace {

// Only a process that the kernel holds on to does not end at once.
constexpr std::chrono::seconds kTimeout{5};

}  // namespace

// Orphans are reaped by somebody else: by pidfd one sees their end all the same.
void end_tree(process::Process& process) {
  std::vector<base::Fd> orphans;
  for (const pid_t pid : emulator::process_tree(process.pid())) {
    base::Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (pidfd.valid()) orphans.push_back(std::move(pidfd));
  }
  emulator::kill_tree(process.pid());
  process.wait();
  const auto until = std::chrono::steady_clock::now() + kTimeout;
  for (const base::Fd& orphan : orphans) base::wait_readable(orphan.get(), until);
}

}  // namespace phork::bench
