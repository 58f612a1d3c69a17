// SPDX-License-Identifier: MIT
//
// What the processes of a runtime hold and have used, seen through /proc: memory, descriptors,
// their number; CPU time and faults. A snapshot, to be taken while no event is under way. One that
// has ended and is not reaped counts as a process that holds nothing. Reading costs a millisecond
// or more for each process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace phork::bench {

struct ProcessUsage {
  pid_t pid = 0;
  std::int64_t rss_kb = 0;
  std::int64_t pss_kb = 0;       // shared pages by the share of it
  std::int64_t pss_file_kb = 0;  // of them of files, which strangers may share and leave
  std::int64_t huge_kb = 0;      // in huge pages, its own memory and shared memory
  std::int64_t descriptors = 0;
};

struct RuntimeUsage {
  std::vector<ProcessUsage> processes;  // bootstrap first, then its children, then theirs

  std::int64_t pss_kb() const;
  // Without that of files: nobody outside has a part in it.
  std::int64_t own_pss_kb() const;
  std::int64_t descriptors() const;

  std::int64_t count() const { return static_cast<std::int64_t>(processes.size()); }

  // The process that the others are forked from; zeros where there is none.
  ProcessUsage zygote() const;

  void add(const RuntimeUsage& other);
};

RuntimeUsage measure_runtime(pid_t root);

// Since the processes started, those included that have ended and were reaped by one of them.
struct TreeCost {
  std::int64_t cpu_us = 0;  // user and system
  std::int64_t minor_faults = 0;

  TreeCost& operator+=(const TreeCost& other);
  TreeCost operator-(const TreeCost& other) const;
};

// CPU time of processes that run is exact; that of reaped ones the kernel tells in ticks (10 ms)
// for each process that reaped some, user and system apart.
TreeCost measure_cost(pid_t root);

// The same of children that this process has reaped itself, exactly.
TreeCost reaped_cost();

// What /proc/PID/stat tells; `cpu_us` is of reaped children only, `minor_faults` also its own.
// Empty when the text is not of that form.
std::optional<TreeCost> parse_cost(std::string_view stat, std::int64_t ticks_per_second);

}  // namespace phork::bench
