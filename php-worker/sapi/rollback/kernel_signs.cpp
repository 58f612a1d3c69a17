// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/kernel_signs.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstddef>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "php-worker/sapi/memory/address_space.h"
#include "php-worker/sapi/memory/proc_file.h"
#include "php-worker/sapi/rollback/kernel_values.h"
#include "runtime/base/fd.h"

namespace phork::sapi {
namespace {

// The hidden files, in order; those of namespaces() follow, and one in fdinfo for each descriptor.
constexpr std::array kFiles{"status",        "limits",          "timers",
                            "oom_score_adj", "coredump_filter", "maps",
                            "pagemap",       "statm",           "fd"};
constexpr std::size_t kTexts = 5;
constexpr std::size_t kMaps = 5;
constexpr std::size_t kPageMap = 6;
constexpr std::size_t kStatm = 7;
constexpr std::size_t kFolder = 8;

constexpr std::size_t kMostText = 16'384;

// Appends a file's text and an end mark; false when it cannot be read or is too long.
template <typename Filter>
bool append_text(std::string& seen, int file, Filter filter) {
  std::array<char, kMostText> text;
  const ssize_t got = ::pread(file, text.data(), text.size(), 0);
  if (got < 0 || static_cast<std::size_t>(got) == text.size()) return false;
  seen.append(filter(std::string_view(text.data(), static_cast<std::size_t>(got)))) += '\0';
  return true;
}

std::string_view unchanged(std::string_view text) {
  return text;
}

// Names in an open folder; 0 when it cannot be read.
std::size_t count_names(int folder) {
  if (::lseek(folder, 0, SEEK_SET) != 0) return 0;
  alignas(dirent64) std::array<char, kMostText> room;
  std::size_t count = 0;
  for (long got = 0; (got = ::syscall(SYS_getdents64, folder, room.data(), room.size())) != 0;) {
    if (got < 0) return 0;
    for (long at = 0; at < got; ++count) {
      at += reinterpret_cast<const dirent64*>(room.data() + at)->d_reclen;
    }
  }
  return count;
}

// Descriptors of this process; `folder` is its open /proc/self/fd. Since Linux 6.2 the folder's
// size is their number.
std::size_t count_descriptors(int folder) {
  struct stat status {};

  if (!has_old_kernel() && ::fstat(folder, &status) == 0 && status.st_size > 0) {
    return static_cast<std::size_t>(status.st_size);
  }
  constexpr std::size_t kDots = 2;
  return count_names(folder) - kDots;
}

// struct sched_attr of the kernel, as numbers: size, policy, flags (two), niceness, ...
using SchedulingAttributes = std::array<std::uint32_t, 14>;

SchedulingAttributes read_scheduling_attributes() {
  SchedulingAttributes found{};
  ::syscall(SYS_sched_getattr, 0, found.data(), sizeof found, 0);
  return found;
}

// Under the other policies the niceness is not among the attributes.
bool shows_niceness(const SchedulingAttributes& attributes) {
  constexpr std::array<std::uint32_t, 3> kPolicies{SCHED_OTHER, SCHED_BATCH, SCHED_IDLE};
  return attributes[0] != 0 && std::ranges::find(kPolicies, attributes[1]) != kPolicies.end();
}

}  // namespace

KernelSigns::KernelSigns() : numbers_(open_descriptors()) {
  if (hidden_.number() < 0) return;
  numbers_.push_back(hidden_.number());
  const std::string status = read_proc_file("/proc/self/status");
  read_fixed(status);
  const std::vector<int> files = files_to_hide();
  const bool hidden =
      files.size() == kFiles.size() + namespaces().size() + numbers_.size() && hidden_.hide(files);
  for (const int file : files) ::close(file);
  if (!hidden) return;
  // Lines that stand for values of their own; an old kernel does not write all of them.
  for (const char* line : {"\nUmask:", "\nNSpgid:", "\nNSsid:", "\nSigCgt:", "\nCapPrm:"}) {
    if (status.find(line) == std::string::npos) return;
  }
  if (!shows_niceness(read_scheduling_attributes())) return;
  before_ = look();
  shown_.close();
}

std::vector<int> KernelSigns::files_to_hide() const {
  std::vector<int> files;
  const auto add = [&files](const std::string& path, int flags = O_RDONLY) {
    const int file = ::open(path.c_str(), flags | O_CLOEXEC);
    if (file >= 0) files.push_back(file);
  };
  for (const char* name : kFiles) {
    if (name == kFiles[kPageMap]) {
      if (base::Fd pagemap = open_pagemap(); pagemap.valid()) files.push_back(pagemap.release());
    } else {
      add(std::string("/proc/self/") + name);
    }
  }
  // The links themselves, which say where the process is whenever they are read.
  for (const char* name : namespaces()) {
    add(std::string("/proc/self/ns/") + name, O_PATH | O_NOFOLLOW);
  }
  for (const int number : numbers_) add("/proc/self/fdinfo/" + std::to_string(number));
  return files;
}

void KernelSigns::read_fixed(std::string_view status) {
  for (const int number : numbers_) {
    struct stat file {};

    if (::fstat(number, &file) == 0 && S_ISREG(file.st_mode)) lockable_.push_back(number);
  }
  const std::uint64_t caught = status_bits(status, "SigCgt");
  for (int number = 1; number <= kSignals; ++number) {
    const bool has_handler = (caught >> static_cast<unsigned>(number - 1) & 1U) != 0;
    if (has_handler || number == SIGCHLD) signals_.push_back(number);
  }
  // Without these capabilities a process changes its root folder and its namespaces only in a new
  // user namespace, from which there is no way back.
  constexpr unsigned kSysChroot = 18;
  constexpr unsigned kSysAdmin = 21;
  const std::uint64_t permitted = status_bits(status, "CapPrm");
  may_change_places_ = (permitted >> kSysChroot & 1U) != 0 || (permitted >> kSysAdmin & 1U) != 0;
}

std::span<const char* const> KernelSigns::namespaces() const {
  return std::span(kNamespaces).first(may_change_places_ ? kNamespaces.size() : 1);
}

// A forked child starts without locks. opcache holds one throughout an event.
void KernelSigns::release_locks() const {
  for (const int number : lockable_) {
    struct flock whole {};

    whole.l_type = F_UNLCK;
    ::fcntl(number, F_SETLK, &whole);
  }
}

bool KernelSigns::are_same() {
  if (!before_.empty()) release_locks();
  were_same_ = !has_children() && !before_.empty() && look() == before_;
  return were_same_;
}

MemoryFiles KernelSigns::memory_files() const {
  if (shown_.all().empty()) return {};
  const auto files = shown_.all();
  return {.maps = files[kMaps],
          .pagemap = files[kPageMap],
          .statm = files[kStatm],
          .counts_faults = were_same_,
          .to_close = files};
}

std::string KernelSigns::look() {
  std::string seen;
  constexpr std::size_t kUsualBytes = 8'192;
  seen.reserve(kUsualBytes);
  show_files();
  if (shown_.all().empty() || !look_at_files(seen) || !look_at_namespaces(seen) ||
      !look_at_descriptors(seen)) {
    return "";
  }
  look_at_calls(seen);
  return seen;
}

bool KernelSigns::look_at_files(std::string& seen) const {
  const auto files = shown_.all().first(kTexts);
  if (!append_text(seen, files[0], lasting_status)) return false;
  return std::ranges::all_of(files.subspan(1),
                             [&seen](int file) { return append_text(seen, file, unchanged); });
}

bool KernelSigns::look_at_namespaces(std::string& seen) const {
  const auto links = shown_.all().subspan(kFiles.size(), namespaces().size());
  return std::ranges::all_of(links, [&seen](int link) {
    std::array<char, 64> name;
    const ssize_t got = ::readlinkat(link, "", name.data(), name.size());
    if (got > 0) seen.append(name.data(), static_cast<std::size_t>(got)) += '\0';
    return got > 0;
  });
}

bool KernelSigns::look_at_descriptors(std::string& seen) const {
  // When each known descriptor is there and their number is the same, there is no other.
  append_bytes(seen, count_descriptors(shown_.all()[kFolder]));
  for (const int number : numbers_) {
    struct stat status {};

    if (::fstat(number, &status) == -1) return false;
    append_bytes(seen, status.st_dev);
    append_bytes(seen, status.st_ino);
    append_bytes(seen, status.st_rdev);
    append_bytes(seen, status.st_mode);
  }
  return std::ranges::all_of(shown_.all().last(numbers_.size()),
                             [&seen](int file) { return append_text(seen, file, unchanged); });
}

void KernelSigns::look_at_calls(std::string& seen) const {
  append_bytes(seen, read_interval_timers());
  for (const int number : signals_) append_bytes(seen, read_disposition(number));
  seen += read_signal_stack();
  (seen += read_folder()) += '\0';
  append_bytes(seen, read_scheduling_attributes());
  append_bytes(seen, read_io_priority());
  seen += read_own_attributes();
  if (may_change_places_) seen += read_root();
}

}  // namespace phork::sapi
