// SPDX-License-Identifier: MIT
//
// Resources of the processes of a runtime, read from /proc: memory, descriptors, number of
// processes, CPU time and faults. A snapshot, to be taken while no event is under way. A process
// that has ended and is not reaped counts as one that holds nothing. Reading takes a millisecond or
// more for each process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace phork::bench {

struct ProcessUsage {
  pid_t pid = 0;
  std::int64_t rss_kb = 0;
  std::int64_t pss_kb = 0;       // a page shared by n processes counts 1/n
  std::int64_t pss_file_kb = 0;  // the part of it that is files; other programs may share those
  std::int64_t huge_kb = 0;      // in huge pages, of private and of shared memory
  std::int64_t descriptors = 0;
};

struct RuntimeUsage {
  std::vector<ProcessUsage> processes;  // bootstrap first, then its children, then theirs

  std::int64_t pss_kb() const;
  // PSS without files, which no other program influences.
  std::int64_t own_pss_kb() const;
  std::int64_t descriptors() const;

  std::int64_t count() const { return static_cast<std::int64_t>(processes.size()); }

  // The process that workers are forked from; zeros where there is none.
  ProcessUsage zygote() const;

  void add(const RuntimeUsage& other);
};

RuntimeUsage measure_runtime(pid_t root);

// Since the processes started; includes children that they have reaped.
struct TreeCost {
  std::int64_t cpu_us = 0;  // user and system
  std::int64_t minor_faults = 0;

  TreeCost& operator+=(const TreeCost& other);
  TreeCost operator-(const TreeCost& other) const;
};

// CPU time of running processes is exact. The kernel reports that of reaped children in ticks of
// 10 ms, rounded for user and system time of each parent.
TreeCost measure_cost(pid_t root);

// Cost of the children that this process itself has reaped, exact.
TreeCost reaped_cost();

}  // namespace phork::bench
