// SPDX-License-Identifier: MIT
//
// Single values of the kernel's state of this process, as bytes or text that can be compared. Each
// function costs one system call unless it says otherwise. For a process with one thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <sys/time.h>
#include <type_traits>

namespace phork::sapi {

// Converts a value of the kernel to text that can be compared, and back.
template <typename T>
std::string bytes_of(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <typename T>
void append_bytes(std::string& bytes, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
T value_of(const std::string& bytes) {
  T value{};
  std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));
  return value;
}

// The kernel's form of a disposition, because the C library hides some signals: handler, flags,
// restorer, mask. https://man7.org/linux/man-pages/man2/rt_sigaction.2.html
using Disposition = std::array<std::uint64_t, 4>;
inline constexpr int kSignals = 64;
inline constexpr std::size_t kKernelMaskBytes = kSignals / 8;

Disposition read_disposition(int number);

using IntervalTimers = std::array<itimerval, 3>;

// Three calls.
IntervalTimers read_interval_timers();

std::string read_signal_stack();

// "" when the folder has no path.
std::string read_folder();

int read_io_priority();

// The attributes that only prctl(2) and personality(2) know. Seven calls.
std::string read_own_attributes();

// In /proc/self/ns; the user namespace comes first.
inline constexpr std::array kNamespaces{"user", "cgroup",           "ipc", "mnt",
                                        "net",  "pid_for_children", "uts"};

// "" when the root folder cannot be looked at.
std::string read_root();

// The root folder and the namespaces of this process. Eight calls.
std::string read_places();

// /proc/self/status without the values that vary by themselves. Names, identities, capabilities,
// filters, threads, signal sets, processors, locked memory and much else remain. No call.
std::string lasting_status(std::string_view text);

// Reaps children that have ended; true when one is alive. Rollback::mark() has made this process a
// subreaper, so orphaned grandchildren come here too. One call when there are none.
bool has_children();

}  // namespace phork::sapi
