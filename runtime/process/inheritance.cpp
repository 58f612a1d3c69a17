// SPDX-License-Identifier: MIT
#include "runtime/process/inheritance.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/fd.h"

namespace phork::process {
namespace {

template <typename T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// struct sched_attr: size, policy, flags, niceness, ...
// https://man7.org/linux/man-pages/man2/sched_setattr.2.html
using Scheduling = std::array<std::uint32_t, 14>;

std::string read_scheduling() {
  Scheduling found{};
  ::syscall(SYS_sched_getattr, 0, found.data(), sizeof found, 0);
  return bytes_of(found);
}

void write_scheduling(const std::string& before) {
  Scheduling wanted{};
  std::memcpy(wanted.data(), before.data(), before.size());
  ::syscall(SYS_sched_setattr, 0, wanted.data(), 0);
}

std::string read_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  ::sched_getaffinity(0, sizeof set, &set);
  return bytes_of(set);
}

void write_processors(const std::string& before) {
  cpu_set_t wanted;
  std::memcpy(&wanted, before.data(), before.size());
  ::sched_setaffinity(0, sizeof wanted, &wanted);
}

constexpr int kThisProcess = 1;  // IOPRIO_WHO_PROCESS

std::string read_io_priority() {
  return bytes_of(::syscall(SYS_ioprio_get, kThisProcess, 0));
}

void write_io_priority(const std::string& before) {
  long wanted = 0;
  std::memcpy(&wanted, before.data(), before.size());
  ::syscall(SYS_ioprio_set, kThisProcess, 0, wanted);
}

using Limits = std::array<rlimit, RLIM_NLIMITS>;

std::string read_limits() {
  Limits limits{};
  int which = 0;
  for (rlimit& limit : limits) ::syscall(SYS_prlimit64, 0, which++, nullptr, &limit);
  return bytes_of(limits);
}

void write_limits(const std::string& before) {
  Limits wanted{};
  std::memcpy(wanted.data(), before.data(), before.size());
  int which = 0;
  for (const rlimit& limit : wanted) ::syscall(SYS_prlimit64, 0, which++, &limit, nullptr);
}

std::string read_own_file(const char* path) {
  const base::Fd file(::open(path, O_RDONLY | O_CLOEXEC));
  std::array<char, 256> text{};
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  return {text.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
}

void write_own_file(const char* path, const std::string& text) {
  const base::Fd file(::open(path, O_WRONLY | O_CLOEXEC));
  // A look at the value follows.
  [[maybe_unused]] const ssize_t written = ::write(file.get(), text.data(), text.size());
}

constexpr const char* kOomScore = "/proc/self/oom_score_adj";
constexpr const char* kCoreFilter = "/proc/self/coredump_filter";

std::string read_oom_score() {
  return read_own_file(kOomScore);
}

void write_oom_score(const std::string& before) {
  write_own_file(kOomScore, before);
}

std::string read_core_filter() {
  return read_own_file(kCoreFilter);
}

// The kernel shows the number without its 0x.
void write_core_filter(const std::string& before) {
  write_own_file(kCoreFilter, "0x" + before);
}

struct Value {
  std::string_view name;
  std::string (*read)();
  void (*write)(const std::string& before);
};

// The files come last: while a process is closed to others (privacy.h) only a privileged one can
// write them.
constexpr std::array kValues{
    Value{"niceness or scheduling", read_scheduling, write_scheduling},
    Value{"processors", read_processors, write_processors},
    Value{"I/O priority", read_io_priority, write_io_priority},
    Value{"resource limits", read_limits, write_limits},
    Value{"OOM score", read_oom_score, write_oom_score},
    Value{"core dump filter", read_core_filter, write_core_filter},
};
constexpr std::size_t kCalls = 4;

}  // namespace

Inheritance::Inheritance() : has_privileges_(::geteuid() == 0) {
  for (const auto& value : kValues) before_.push_back(value.read());
}

std::string_view Inheritance::difference() const {
  const std::size_t count = has_privileges_ ? kValues.size() : kCalls;
  for (std::size_t i = 0; i < count; ++i) {
    if (kValues.at(i).read() != before_[i]) return kValues.at(i).name;
  }
  return "";
}

base::Status Inheritance::put_back() const {
  if (difference().empty()) return base::ok_status();
  for (std::size_t i = 0; i < kValues.size(); ++i) {
    if (kValues.at(i).read() != before_[i]) kValues.at(i).write(before_[i]);
  }
  const std::string_view left = difference();
  if (left.empty()) return base::ok_status();
  return base::Error{base::ErrorKind::kRefused,
                     "process: start a program: an event has changed what it would inherit, the " +
                         std::string(left) + ", which cannot be changed back"};
}

namespace {

std::unique_ptr<const Inheritance>& passed_on() {
  static std::unique_ptr<const Inheritance> values;
  return values;
}

}  // namespace

void pass_on_as_now() {
  passed_on() = std::make_unique<const Inheritance>();
}

base::Status ready_to_pass_on() {
  return passed_on() ? passed_on()->put_back() : base::ok_status();
}

}  // namespace phork::process
