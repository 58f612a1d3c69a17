// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/capabilities.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "php-worker/sapi/memory/address_space.h"
#include "runtime/base/fd.h"

namespace phork::sapi {
namespace {

// Constants that the build machine's headers may lack:
// https://github.com/torvalds/linux/blob/master/include/uapi/asm-generic/mman-common.h
constexpr unsigned kMemfdCloseOnExec = 1;
constexpr unsigned kMemfdExec = 0x10;

// The word in brackets of "always [madvise] never".
std::string read_huge_pages() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  for (std::string word; file >> word;) {
    if (word.size() > 2 && word.front() == '[') return word.substr(1, word.size() - 2);
  }
  return {};
}

// True when a page that this process has written shows as mapped by this process only.
bool probe_pagemap() {
  constexpr std::uint64_t kWritten = kPagePresent | kPageMappedHereOnly;
  void* const memory =
      ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  *static_cast<volatile char*>(memory) = 1;
  std::uint64_t entry = 0;
  const auto at = reinterpret_cast<std::uintptr_t>(memory);
  const bool read = !read_pagemap(open_pagemap().get(), at, at + kPageBytes, {&entry, 1}).empty();
  ::munmap(memory, kPageBytes);
  return read && (entry & kWritten) == kWritten;
}

// With no memory to advise on, the kernel checks only whether it knows the advice.
bool knows_advice(int advice) {
  return ::madvise(nullptr, 0, advice) == 0;
}

bool can_make_memfd(unsigned flags) {
  const base::Fd made(
      static_cast<int>(::syscall(SYS_memfd_create, "phork", flags | kMemfdCloseOnExec)));
  return made.valid();
}

bool can_open_pidfd() {
  return base::open_pidfd(::getpid()).valid();
}

// No process has this number, so an allowed call fails with ESRCH. A filter makes it fail
// otherwise.
bool may_trace() {
  return ::syscall(SYS_ptrace, PTRACE_SEIZE, -1, nullptr, nullptr) == -1 && errno == ESRCH;
}

unsigned count_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  return static_cast<unsigned>(CPU_COUNT(&set));
}

Capabilities probe() {
  Capabilities found;
  utsname names{};
  if (::uname(&names) == 0) {
    found.kernel = names.release;
    std::sscanf(names.release, "%d.%d", &found.kernel_major, &found.kernel_minor);
  }
  found.huge_pages = read_huge_pages();
  found.pagemap = probe_pagemap();
  found.populate_read = knows_advice(kPopulateRead);
  found.populate_write = knows_advice(kPopulateWrite);
  found.collapse = knows_advice(kCollapse);
  found.memfd = can_make_memfd(0);
  found.memfd_exec = can_make_memfd(kMemfdExec);
  found.pidfd = can_open_pidfd();
  found.ptrace = may_trace();
  found.processors = count_processors();
  return found;
}

}  // namespace

const Capabilities& capabilities() {
  static const Capabilities found = probe();
  return found;
}

std::string describe(const Capabilities& found) {
  const auto item = [](const char* name, bool has) {
    return std::string(", ") + name + (has ? " yes" : " no");
  };
  return "kernel " + (found.kernel.empty() ? "unknown" : found.kernel) + ", huge pages " +
         (found.huge_pages.empty() ? "none" : found.huge_pages) + item("pagemap", found.pagemap) +
         item("populate_read", found.populate_read) + item("populate_write", found.populate_write) +
         item("collapse", found.collapse) + item("memfd", found.memfd) +
         item("memfd_exec", found.memfd_exec) + item("pidfd", found.pidfd) +
         item("ptrace", found.ptrace) + ", cpus " + std::to_string(found.processors);
}

}  // namespace phork::sapi
