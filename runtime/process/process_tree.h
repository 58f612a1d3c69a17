// SPDX-License-Identifier: MIT
//
// A process and all its descendants, as /proc shows them: what they use, and ending them together
// where some have left the process group. Snapshots: processes come and go meanwhile, and a file
// that cannot be read counts as zeros.
// https://man7.org/linux/man-pages/man5/proc.5.html
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace phork::process {

class Process;

// The fields of /proc/PID/stat that phork uses; those of reaped children are sums over them.
// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
struct ProcessStat {
  pid_t parent = 0;
  std::uint64_t minor_faults = 0;
  std::uint64_t reaped_minor_faults = 0;
  std::uint64_t reaped_user_ticks = 0;
  std::uint64_t reaped_system_ticks = 0;
};

// Empty when the text is not of that form.
std::optional<ProcessStat> parse_stat(std::string_view text);
// The value of one line of smaps_rollup ("Rss", "Pss") in kilobytes; 0 when absent.
std::int64_t smaps_field_kb(std::string_view smaps_rollup, std::string_view name);

// /proc/PID/NAME; "" when it cannot be read.
std::string read_proc_file(pid_t pid, const char* name);

// `root` first, then its children, then theirs.
std::vector<pid_t> process_tree(pid_t root);

struct TreeUsage {
  std::uint64_t pss_kb = 0;  // shared pages count once over the tree
  std::uint64_t minor_faults = 0;
};

// Reading smaps_rollup walks page tables under the process's memory lock (about a millisecond for
// PHP): not for the path of an event.
TreeUsage measure_tree(pid_t root);

// SIGSTOP to `root` and every descendant, even those that moved to another group or session;
// returns all that got it. The root is stopped first, so that it forks no more while the rest is
// listed.
std::vector<pid_t> stop_tree(pid_t root);

// SIGKILL to all of them.
void kill_tree(pid_t root);

// SIGKILL to a child of ours that has not been reaped, and to the group that it leads or has left.
void kill_group(pid_t leader);

// kill_tree() for a child of ours; reaps it, and returns when every descendant is gone too.
void end_tree(Process& root);

}  // namespace phork::process
