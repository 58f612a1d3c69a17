// SPDX-License-Identifier: MIT
#include "emulator/sandbox/cgroup_home.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace phork::emulator {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kEndDeadline = 2s;
constexpr std::chrono::milliseconds kRetryInterval = 1ms;

std::string text_of(const std::string& path) {
  auto text = read_cgroup_file(path);
  return text ? std::move(text).value() : std::string();
}

std::vector<pid_t> members(const std::string& folder) {
  std::istringstream text(text_of(folder + "/cgroup.procs"));
  std::vector<pid_t> pids;
  // Zero stands for a process outside our PID namespace.
  for (pid_t pid = 0; text >> pid;) {
    if (pid > 0) pids.push_back(pid);
  }
  return pids;
}

bool is_gone(pid_t pid) {
  return ::kill(pid, 0) == -1 && errno == ESRCH;
}

// Has the usual form, so that a later run finds and removes the group like any other.
std::string own_name() {
  return cgroup_name(::getpid(), 0);
}

}  // namespace

CgroupHome::CgroupHome(CgroupLayout layout) : layout_(std::move(layout)) {
  const std::string moved = "/" + own_name();
  if (!layout_.unified.ends_with(moved)) return;
  layout_.unified.resize(layout_.unified.size() - moved.size());
}

Result<CgroupPlace> CgroupHome::place(Controller controller) {
  switch (controller) {
    case Controller::kCpu:
      if (!layout_.cpu.empty()) return CgroupPlace{layout_.cpu, false};
      return unified_place("cpu");
    case Controller::kMemory:
      if (!layout_.memory.empty()) return CgroupPlace{layout_.memory, false};
      return unified_place("memory");
    // Version 2 has these two built in, and better: it can kill frozen processes.
    case Controller::kFreezer:
      if (layout_.unified.empty() && !layout_.freezer.empty()) {
        return CgroupPlace{layout_.freezer, false};
      }
      return unified_place({});
    case Controller::kCpuUsage:
      break;
  }
  if (layout_.unified.empty() && !layout_.cpuacct.empty()) {
    return CgroupPlace{layout_.cpuacct, false};
  }
  return unified_place({});
}

Result<CgroupPlace> CgroupHome::unified_place(std::string_view controller) {
  if (layout_.unified.empty()) {
    return Error{ErrorKind::kRefused, "no control groups for it are mounted"};
  }
  // The root group has no such file. https://docs.kernel.org/admin-guide/cgroup-v2.html#threads
  const std::string type = text_of(layout_.unified + "/cgroup.type");
  if (!type.empty() && !has_word(type, "domain")) {
    return Error{ErrorKind::kRefused,
                 "'" + layout_.unified + "' is threaded: it has no room for groups of processes"};
  }
  if (!controller.empty()) {
    if (Status given = delegate(controller); !given) return given.error();
  }
  return CgroupPlace{layout_.unified, true};
}

Status CgroupHome::delegate(std::string_view controller) {
  const std::string name(controller);
  const std::string control = layout_.unified + "/cgroup.subtree_control";
  if (has_word(text_of(control), name)) return base::ok_status();
  if (!has_word(text_of(layout_.unified + "/cgroup.controllers"), name)) {
    return Error{ErrorKind::kRefused, "'" + layout_.unified +
                                          "/cgroup.controllers' does not have '" + name +
                                          "': it is not delegated to this process"};
  }
  Status written = write_cgroup_file(control, "+" + name);
  if (written || members(layout_.unified).empty()) return written;
  // The most likely reason: a group that contains processes cannot give controllers to others.
  if (Status left = leave_home(); !left) return left;
  return write_cgroup_file(control, "+" + name);
}

Status CgroupHome::leave_home() {
  const std::vector<pid_t> pids = members(layout_.unified);
  if (std::ranges::any_of(pids, [](pid_t pid) { return pid != ::getpid(); })) {
    return Error{ErrorKind::kRefused,
                 "other processes are in '" + layout_.unified +
                     "' too; a group of its own comes with systemd-run --scope -p Delegate=yes"};
  }
  const std::string own = layout_.unified + "/" + own_name();
  if (Status made = make_cgroup(own); !made && ::access(own.c_str(), F_OK) != 0) return made;
  return write_cgroup_file(own + "/cgroup.procs", "0");
}

void CgroupHome::remove_leftovers() const {
  const std::array<const std::string*, 5> folders = {
      &layout_.cpu, &layout_.cpuacct, &layout_.memory, &layout_.freezer, &layout_.unified};
  for (const std::string* folder : folders) {
    std::error_code error;
    if (folder->empty()) continue;
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(*folder, error)) {
      const auto owner = cgroup_owner(entry.path().filename().string());
      if (owner && is_gone(*owner)) left.push_back(entry.path());
    }
    for (const std::string& group : left) end_cgroup(group);
  }
}

bool kill_cgroup(const std::string& folder) {
  // In version 1 frozen processes do not die. Other groups do not have this file.
  if (::access((folder + "/freezer.state").c_str(), W_OK) == 0) {
    static_cast<void>(write_cgroup_file(folder + "/freezer.state", "THAWED"));
  }
  const Clock::time_point until = Clock::now() + kEndDeadline;
  // Since Linux 5.14 the kernel kills all at once, so that none can fork in between.
  if (::access((folder + "/cgroup.kill").c_str(), W_OK) == 0) {
    static_cast<void>(write_cgroup_file(folder + "/cgroup.kill", "1"));
  }
  for (auto pids = members(folder); !pids.empty(); pids = members(folder)) {
    if (Clock::now() >= until) return false;
    for (const pid_t pid : pids) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(kRetryInterval);
  }
  return true;
}

void end_cgroup(const std::string& folder) {
  if (!kill_cgroup(folder)) return;
  const Clock::time_point until = Clock::now() + kEndDeadline;
  // Dead processes leave their groups a little later than the list.
  while (::rmdir(folder.c_str()) != 0 && errno == EBUSY && Clock::now() < until) {
    std::this_thread::sleep_for(kRetryInterval);
  }
}

}  // namespace phork::emulator
