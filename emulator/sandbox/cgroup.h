// SPDX-License-Identifier: MIT
//
// The control groups of this process, as found in the kernel's lists of mounts and memberships, and
// the format of the files in them. A machine has version 1 (one hierarchy per controller), version
// 2 (one hierarchy), or both with the controllers in version 1. Pure, except for
// current_cgroup_layout() and the functions on files.
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

// The folders of this process's groups; empty for a hierarchy that does not exist or is not
// visible.
struct CgroupLayout {
  // Version 1.
  std::string cpu;
  std::string cpuacct;
  std::string memory;
  std::string freezer;
  // Version 2.
  std::string unified;
};

// From the texts of /proc/PID/cgroup and /proc/PID/mountinfo.
CgroupLayout parse_cgroup_layout(std::string_view membership, std::string_view mountinfo);
CgroupLayout current_cgroup_layout();

// True if a list such as "cpu memory pids" contains `word`.
bool has_word(std::string_view words, std::string_view word);
// The number in the line "<key> <number>" of a file like memory.events.
std::optional<std::uint64_t> keyed_number(std::string_view text, std::string_view key);
// The number in a text that is one number and a line end; nullopt for "max".
std::optional<std::uint64_t> sole_number(std::string_view text);

// The CPU time per period that Lambda gives for a memory size: one virtual CPU per 1,769 MB, at
// most six. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
struct CpuShare {
  std::chrono::microseconds period;
  std::chrono::microseconds quota;
};

CpuShare cpu_share(unsigned memory_mb);

// The name of group number `sequence` of the process `owner`, and the owner in such a name; nullopt
// for any other name.
std::string cgroup_name(pid_t owner, std::uint64_t sequence);
std::optional<pid_t> cgroup_owner(std::string_view name);

// "cannot read '<path>': permission denied" and the like; `code` is an errno.
base::Error cgroup_file_error(std::string_view action, const std::string& path, int code);
base::Result<std::string> read_cgroup_file(const std::string& path);
base::Status write_cgroup_file(const std::string& path, std::string_view text);
base::Status make_cgroup(const std::string& path);

}  // namespace phork::emulator
