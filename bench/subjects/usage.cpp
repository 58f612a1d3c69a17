// SPDX-License-Identifier: MIT
#include "bench/subjects/usage.h"

#include <ctime>
#include <filesystem>
#include <iterator>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/process/process_tree.h"

namespace phork::bench {
namespace {

namespace fs = std::filesystem;

std::int64_t count_entries(const std::string& folder) {
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  return error ? 0 : std::distance(begin(entries), end(entries));
}

ProcessUsage measure_process(pid_t pid) {
  using process::smaps_field_kb;
  const std::string folder = "/proc/" + std::to_string(pid);
  const std::string smaps = process::read_proc_file(pid, "smaps_rollup");
  return {
      .pid = pid,
      .rss_kb = smaps_field_kb(smaps, "Rss"),
      .pss_kb = smaps_field_kb(smaps, "Pss"),
      .pss_file_kb = smaps_field_kb(smaps, "Pss_File"),
      .huge_kb = smaps_field_kb(smaps, "AnonHugePages") + smaps_field_kb(smaps, "ShmemPmdMapped"),
      .descriptors = count_entries(folder + "/fd")};
}

std::int64_t sum_of(const std::vector<ProcessUsage>& processes,
                    std::int64_t ProcessUsage::*figure) {
  std::int64_t sum = 0;
  for (const ProcessUsage& process : processes) sum += process.*figure;
  return sum;
}

constexpr std::int64_t kUsPerSecond = 1'000'000;
constexpr std::int64_t kNsPerUs = 1000;

// CPU time of all threads of a process, including those that have ended; 0 when it is gone.
std::int64_t own_cpu_us(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec * kUsPerSecond + time.tv_nsec / kNsPerUs;
}

std::int64_t in_us(const timeval& time) {
  return time.tv_sec * kUsPerSecond + time.tv_usec;
}

}  // namespace

std::int64_t RuntimeUsage::pss_kb() const {
  return sum_of(processes, &ProcessUsage::pss_kb);
}

std::int64_t RuntimeUsage::own_pss_kb() const {
  return pss_kb() - sum_of(processes, &ProcessUsage::pss_file_kb);
}

std::int64_t RuntimeUsage::descriptors() const {
  return sum_of(processes, &ProcessUsage::descriptors);
}

ProcessUsage RuntimeUsage::zygote() const {
  return processes.size() > 1 ? processes[1] : ProcessUsage{};
}

void RuntimeUsage::add(const RuntimeUsage& other) {
  processes.insert(processes.end(), other.processes.begin(), other.processes.end());
}

RuntimeUsage measure_runtime(pid_t root) {
  RuntimeUsage usage;
  for (const pid_t pid : process::process_tree(root)) {
    usage.processes.push_back(measure_process(pid));
  }
  return usage;
}

TreeCost& TreeCost::operator+=(const TreeCost& other) {
  cpu_us += other.cpu_us;
  minor_faults += other.minor_faults;
  return *this;
}

TreeCost TreeCost::operator-(const TreeCost& other) const {
  return {cpu_us - other.cpu_us, minor_faults - other.minor_faults};
}

TreeCost measure_cost(pid_t root) {
  const std::int64_t ticks_per_second = ::sysconf(_SC_CLK_TCK);
  TreeCost cost;
  for (const pid_t pid : process::process_tree(root)) {
    cost.cpu_us += own_cpu_us(pid);
    const auto stat = process::parse_stat(process::read_proc_file(pid, "stat"));
    if (!stat) continue;
    const std::uint64_t ticks = stat->reaped_user_ticks + stat->reaped_system_ticks;
    cost.cpu_us += static_cast<std::int64_t>(ticks) * kUsPerSecond / ticks_per_second;
    cost.minor_faults += static_cast<std::int64_t>(stat->minor_faults + stat->reaped_minor_faults);
  }
  return cost;
}

TreeCost reaped_cost() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  return {in_us(usage.ru_utime) + in_us(usage.ru_stime), usage.ru_minflt};
}

}  // namespace phork::bench
