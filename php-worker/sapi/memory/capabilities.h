// SPDX-License-Identifier: MIT
//
// The abilities of the kernel and the sandbox, found out by trying. Lambda's kernel and its system
// call filter are undocumented, and many of the means that make a fork cheap exist only on some
// kernels. Probed once in a process, on the first call, within microseconds and without side
// effects. A capability that cannot be determined counts as absent.
#pragma once

#include <string>

namespace phork::sapi {

// MADV_COLLAPSE, MADV_POPULATE_READ and MADV_POPULATE_WRITE, which the build machine's headers may
// lack.
inline constexpr int kCollapse = 25;
inline constexpr int kPopulateRead = 22;
inline constexpr int kPopulateWrite = 23;

struct Capabilities {
  std::string kernel;    // "6.1.0-13"; "" when unknown
  int kernel_major = 0;  // of `kernel`
  int kernel_minor = 0;
  std::string huge_pages;       // "always", "madvise" or "never"; "" without transparent huge pages
  bool pagemap = false;         // shows which pages only this process maps (bit 56, 4.2)
  bool populate_read = false;   // MADV_POPULATE_READ, 5.14
  bool populate_write = false;  // MADV_POPULATE_WRITE, 5.14
  bool collapse = false;        // MADV_COLLAPSE, 6.1
  bool memfd = false;           // memfd_create, 3.17
  bool memfd_exec = false;      // memfd_create with MFD_EXEC, 6.3
  bool pidfd = false;           // pidfd_open, 5.3
  bool ptrace = false;
  unsigned processors = 0;  // that this process may run on

  // True when the kernel is this version or later.
  bool kernel_is(int major, int minor) const {
    return kernel_major > major || (kernel_major == major && kernel_minor >= minor);
  }
};

const Capabilities& capabilities();

// "kernel 6.1.0-13, huge pages madvise, pagemap yes, ..., cpus 2"
std::string describe(const Capabilities& found);

}  // namespace phork::sapi
