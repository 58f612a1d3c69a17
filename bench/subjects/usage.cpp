// SPDX-License-Identifier: MIT
#include "bench/subjects/usage.h"

#include <array>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <unistd.h>

#include "emulator/environments/process_tree.h"

namespace phork::bench {
namespace {

namespace fs = std::filesystem;

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::int64_t count_entries(const std::string& folder) {
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  return error ? 0 : std::distance(begin(entries), end(entries));
}

ProcessUsage measure_process(pid_t pid) {
  using emulator::smaps_field_kb;
  const std::string folder = "/proc/" + std::to_string(pid);
  const std::string smaps = read_text(folder + "/smaps_rollup");
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
  for (const pid_t pid : emulator::process_tree(root)) {
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
  for (const pid_t pid : emulator::process_tree(root)) {
    const std::string stat = read_text("/proc/" + std::to_string(pid) + "/stat");
    if (const auto told = parse_cost(stat, ticks_per_second)) cost += *told;
    cost.cpu_us += own_cpu_us(pid);
  }
  return cost;
}

TreeCost reaped_cost() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  return {in_us(usage.ru_utime) + in_us(usage.ru_stime), usage.ru_minflt};
}

// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
std::optional<TreeCost> parse_cost(std::string_view stat, std::int64_t ticks_per_second) {
  // The second field is the program's name in parentheses, which may hold anything.
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(name_end + 1);
  // Counted from the field after the name.
  constexpr std::size_t kMinorFaults = 7;
  constexpr std::size_t kChildrensMinorFaults = 8;
  constexpr std::size_t kChildrensUserTicks = 13;
  constexpr std::size_t kChildrensSystemTicks = 14;
  std::array<std::int64_t, kChildrensSystemTicks + 1> fields{};
  for (std::int64_t& field : fields) {
    const std::size_t begin = stat.find_first_not_of(' ');
    if (begin == std::string_view::npos) return std::nullopt;
    stat.remove_prefix(begin);
    std::from_chars(stat.data(), stat.data() + stat.size(), field);  // one of them is a letter
    stat.remove_prefix(std::min(stat.find(' '), stat.size()));
  }
  const std::int64_t ticks = fields[kChildrensUserTicks] + fields[kChildrensSystemTicks];
  return TreeCost{ticks * kUsPerSecond / ticks_per_second,
                  fields[kMinorFaults] + fields[kChildrensMinorFaults]};
}

}  // namespace phork::bench
