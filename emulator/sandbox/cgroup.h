// SPDX-License-Identifier: MIT
//
// Where this process's control groups are, read from what the kernel says about mounts and
// membership, and the form of the small files in them. Three kinds of machine: version 1 (a
// hierarchy for each controller), version 2 (one for all), and both side by side with the
// controllers in version 1. Pure but for current_cgroup_layout() and the three functions on files.
// https://docs.kernel.org/admin-guide/cgroup-v1/cgroups.html
// https://docs.kernel.org/admin-guide/cgroup-v2.html
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "runtime/base/result.h"

namespace phork::emulator {

// Folders of the groups that this process is in; empty where there is none that we can see.
struct CgroupLayout {
  // Version 1.
  std::string cpu;
  std::string cpuacct;
  std::string memory;
  std::string freezer;
  // Version 2.
  std::string unified;
};

// The texts of /proc/PID/cgroup and /proc/PID/mountinfo.
CgroupLayout parse_cgroup_layout(std::string_view membership, std::string_view mountinfo);
CgroupLayout current_cgroup_layout();

// Whether one of the words of a list like "cpu memory pids" is `word`.
bool has_word(std::string_view words, std::string_view word);
// The number in the line "<key> <number>" of a file like memory.events.
std::optional<std::uint64_t> keyed_number(std::string_view text, std::string_view key);
// A text that is one number and a line end; "max" is none.
std::optional<std::uint64_t> sole_number(std::string_view text);

// CPU time within a period, as much as Lambda gives for so much memory: a virtual CPU for 1,769 MB
// and six at most. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
struct CpuShare {
  std::chrono::microseconds period;
  std::chrono::microseconds quota;
};

CpuShare cpu_share(unsigned memory_mb);

// The name of the group number `sequence` of the process `owner`, and who owns a group of that
// form; empty for the names of others.
std::string cgroup_name(pid_t owner, std::uint64_t sequence);
std::optional<pid_t> cgroup_owner(std::string_view name);

// "cannot read '<path>': permission denied" and the like; `code` is an errno.
base::Error cgroup_file_error(std::string_view action, const std::string& path, int code);
base::Result<std::string> read_cgroup_file(const std::string& path);
base::Status write_cgroup_file(const std::string& path, std::string_view text);
base::Status make_cgroup(const std::string& path);

}  // namespace phork::emulator
