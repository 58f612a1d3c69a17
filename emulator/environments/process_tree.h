// SPDX-License-Identifier: MIT
//
// A process and all its descendants, seen through /proc: what they use, and ending them together
// where some have left the process group. Snapshots: processes may come and go meanwhile, and what
// cannot be read counts as nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace phork::emulator {

// The fields of /proc/PID/stat that matter here. https://man7.org/linux/man-pages/man5/proc.5.html
struct ProcessStat {
  pid_t parent = 0;
  std::uint64_t minor_faults = 0;  // its own and those of children it has reaped
};

// Empty when the text is not of that form.
std::optional<ProcessStat> parse_stat(std::string_view text);
// The value of one line of smaps_rollup ("Rss", "Pss") in kilobytes; 0 when absent.
std::int64_t smaps_field_kb(std::string_view smaps_rollup, std::string_view name);
std::uint64_t parse_pss_kb(std::string_view smaps_rollup);

// `root` first.
std::vector<pid_t> process_tree(pid_t root);

struct TreeUsage {
  std::uint64_t pss_kb = 0;  // shared pages count once over the tree
  std::uint64_t minor_faults = 0;
};

// Reading smaps_rollup walks page tables under the process's memory lock (about a millisecond for
// PHP): not for the path of an event.
TreeUsage measure_tree(pid_t root);

// SIGSTOP to `root` and every descendant, wherever they moved themselves; who got it. The root is
// first, so that it forks no more while the rest is listed.
std::vector<pid_t> stop_tree(pid_t root);

// SIGKILL to all of them.
void kill_tree(pid_t root);

}  // namespace phork::emulator
