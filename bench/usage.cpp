// SPDX-License-Identifier: MIT
#include "bench/usage.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "emulator/process_tree.h"

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

RuntimeUsage measure_runtime(pid_t root) {
  RuntimeUsage usage;
  for (const pid_t pid : emulator::process_tree(root)) {
    usage.processes.push_back(measure_process(pid));
  }
  return usage;
}

}  // namespace phork::bench
