// SPDX-License-Identifier: MIT
//
// What the kernel and the sandbox around us allow, found out by trying: Lambda's kernel and system
// call filter are undocumented, and what PHP is forked with is of use in some places only. Probed
// once in a process, on the first call, within microseconds and without side effects. What cannot
// be told counts as absent.
#pragma once

#include <string>

namespace phork::sapi {

// MADV_COLLAPSE, which the headers we are built with may not have yet.
inline constexpr int kCollapse = 25;

struct Capabilities {
  std::string kernel;    // "6.1.0-13"; "" when it cannot be told
  int kernel_major = 0;  // of that
  int kernel_minor = 0;
  std::string huge_pages;       // "always", "madvise" or "never"; "" without transparent huge pages
  bool pagemap = false;         // tells which pages are mapped by this process only (bit 56, 4.2)
  bool populate_read = false;   // MADV_POPULATE_READ, 5.14
  bool populate_write = false;  // MADV_POPULATE_WRITE, 5.14
  bool collapse = false;        // MADV_COLLAPSE, 6.1
  bool memfd = false;           // memfd_create, 3.17
  bool memfd_exec = false;      // and its MFD_EXEC, 6.3
  bool pidfd = false;           // pidfd_open, 5.3
  bool ptrace = false;
  unsigned processors = 0;  // that this process may run on

  // Whether the kernel is this one or later.
  bool kernel_is(int major, int minor) const {
    return kernel_major > major || (kernel_major == major && kernel_minor >= minor);
  }
};

const Capabilities& capabilities();

// "kernel 6.1.0-13, huge pages madvise, pagemap yes, ..., cpus 2"
std::string describe(const Capabilities& found);

}  // namespace phork::sapi
