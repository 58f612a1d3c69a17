// SPDX-License-Identifier: MIT
#include "emulator/sandbox/cgroup.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::ErrorKind;

constexpr std::string_view kNamePrefix = "phork-";

// Removes the text before the next `separator` from `rest`, and the separator too.
std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) parts.push_back(take_until(text, separator));
  return parts;
}

bool contains(const std::vector<std::string_view>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// The kernel writes blanks, tabs, line ends and backslashes as \040 and so on.
std::string unescape(std::string_view field) {
  std::string text;
  while (!field.empty()) {
    const bool escape = field[0] == '\\' && field.size() >= 4;
    const auto code = escape ? base::parse_number<unsigned>(field.substr(1, 3), 8) : std::nullopt;
    text += code ? static_cast<char>(*code) : field[0];
    field.remove_prefix(code ? 4 : 1);
  }
  return text;
}

struct CgroupMount {
  std::string root;   // the part of the hierarchy that is mounted
  std::string point;  // the folder where it is mounted
  std::vector<std::string_view> options;
  bool unified = false;
};

// https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
std::optional<CgroupMount> parse_mount(std::string_view line) {
  const std::size_t separator = line.find(" - ");
  if (separator == std::string_view::npos) return std::nullopt;
  const auto before = split(line.substr(0, separator), ' ');
  const auto behind = split(line.substr(separator + 3), ' ');
  constexpr std::size_t kRoot = 3;
  constexpr std::size_t kPoint = 4;
  if (before.size() <= kPoint || behind.size() < 3) return std::nullopt;
  const bool unified = behind[0] == "cgroup2";
  if (!unified && behind[0] != "cgroup") return std::nullopt;
  return CgroupMount{unescape(before[kRoot]), unescape(before[kPoint]), split(behind[2], ','),
                     unified};
}

// The folder of the group `path`; empty if the mount does not show it.
std::string folder_of(const CgroupMount& mount, std::string_view path) {
  std::string_view below = path;
  if (mount.root != "/") {
    if (!path.starts_with(mount.root)) return {};
    below.remove_prefix(mount.root.size());
    if (!below.empty() && below[0] != '/') return {};
  }
  if (below == "/") below = {};
  return mount.point + std::string(below);
}

// The path of our group in the hierarchy that has `controller`; "" names version 2.
std::optional<std::string_view> membership_path(std::string_view membership,
                                                std::string_view controller) {
  while (!membership.empty()) {
    std::string_view rest = take_until(membership, '\n');
    take_until(rest, ':');  // the number of the hierarchy
    const std::string_view controllers = take_until(rest, ':');
    const bool matches =
        controller.empty() ? controllers.empty() : contains(split(controllers, ','), controller);
    if (matches) return rest;
  }
  return std::nullopt;
}

}  // namespace

CgroupLayout parse_cgroup_layout(std::string_view membership, std::string_view mountinfo) {
  CgroupLayout layout;
  const std::array<std::pair<std::string_view, std::string*>, 4> controllers = {
      {{"cpu", &layout.cpu},
       {"cpuacct", &layout.cpuacct},
       {"memory", &layout.memory},
       {"freezer", &layout.freezer}}};
  while (!mountinfo.empty()) {
    const auto mount = parse_mount(take_until(mountinfo, '\n'));
    if (!mount) continue;
    if (mount->unified && layout.unified.empty()) {
      const auto path = membership_path(membership, {});
      if (path) layout.unified = folder_of(*mount, *path);
    }
    for (const auto& [controller, folder] : controllers) {
      if (mount->unified || !folder->empty() || !contains(mount->options, controller)) continue;
      const auto path = membership_path(membership, controller);
      if (path) *folder = folder_of(*mount, *path);
    }
  }
  return layout;
}

CgroupLayout current_cgroup_layout() {
  const auto membership = read_cgroup_file("/proc/self/cgroup");
  const auto mountinfo = read_cgroup_file("/proc/self/mountinfo");
  if (!membership || !mountinfo) return {};
  return parse_cgroup_layout(membership.value(), mountinfo.value());
}

bool has_word(std::string_view words, std::string_view word) {
  return contains(split(words.substr(0, words.find('\n')), ' '), word);
}

std::optional<std::uint64_t> keyed_number(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    if (take_until(line, ' ') == key) return base::parse_number<std::uint64_t>(line);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> sole_number(std::string_view text) {
  return base::parse_number<std::uint64_t>(text.substr(0, text.find('\n')));
}

// Lambda's own environments use a period of 20 ms; the kernel refuses quotas below 1 ms.
CpuShare cpu_share(unsigned memory_mb) {
  constexpr std::chrono::microseconds kPeriod = 20ms;
  constexpr std::chrono::microseconds kLeastQuota = 1ms;
  constexpr unsigned kMemoryOfOneCpu = 1769;
  constexpr int kMostCpus = 6;
  return {kPeriod, std::clamp<std::chrono::microseconds>(kPeriod * memory_mb / kMemoryOfOneCpu,
                                                         kLeastQuota, kMostCpus * kPeriod)};
}

std::string cgroup_name(pid_t owner, std::uint64_t sequence) {
  return std::string(kNamePrefix) + std::to_string(owner) + '-' + std::to_string(sequence);
}

std::optional<pid_t> cgroup_owner(std::string_view name) {
  if (!name.starts_with(kNamePrefix)) return std::nullopt;
  name.remove_prefix(kNamePrefix.size());
  const auto owner = base::parse_number<pid_t>(take_until(name, '-'));
  if (!owner || *owner <= 0 || !base::parse_number<std::uint64_t>(name)) return std::nullopt;
  return owner;
}

Error cgroup_file_error(std::string_view action, const std::string& path, int code) {
  return {
      code == EACCES || code == EPERM || code == EROFS ? ErrorKind::kRefused : ErrorKind::kSystem,
      "cannot " + std::string(action) + " '" + path +
          "': " + base::lower_case(std::strerror(code))};
}

base::Result<std::string> read_cgroup_file(const std::string& path) {
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return cgroup_file_error("read", path, errno);
  return base::read_to_end(file.get());
}

base::Status write_cgroup_file(const std::string& path, std::string_view text) {
  const base::Fd file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  // One write() call, which the kernel handles as one value.
  if (!file.valid() || ::write(file.get(), text.data(), text.size()) < 0) {
    return cgroup_file_error("write", path, errno);
  }
  return base::ok_status();
}

base::Status make_cgroup(const std::string& path) {
  constexpr mode_t kMode = 0755;
  if (::mkdir(path.c_str(), kMode) != 0) return cgroup_file_error("make", path, errno);
  return base::ok_status();
}

}  // namespace phork::emulator
