// SPDX-License-Identifier: MIT
#include "bench/usage.h"

#include <algorithm>
#include <charconv>
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

std::int64_t smaps_field_kb(std::string_view smaps_rollup, std::string_view name) {
  const std::string key = "\n" + std::string(name) + ":";
  const std::size_t found = smaps_rollup.find(key);
  if (found == std::string_view::npos) return 0;
  std::string_view rest = smaps_rollup.substr(found + key.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  std::int64_t value = 0;
  std::from_chars(rest.data(), rest.data() + rest.size(), value);
  return value;
}

RuntimeUsage measure_runtime(pid_t root) {
  RuntimeUsage usage;
  for (const pid_t pid : emulator::process_tree(root)) {
    usage.processes.push_back(measure_process(pid));
  }
  return usage;
}

}  // namespace phork::bench
