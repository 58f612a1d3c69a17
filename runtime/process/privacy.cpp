// SPDX-License-Identifier: MIT
#include "runtime/process/privacy.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace phork::process {
namespace {

constexpr unsigned long kClosed = 0;
constexpr unsigned long kOpen = 1;

}  // namespace

void close_to_others() {
  ::prctl(PR_SET_DUMPABLE, kClosed, 0, 0, 0);
}

void open_for_core_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) == -1 || limit.rlim_cur == 0) return;
  ::prctl(PR_SET_DUMPABLE, kOpen, 0, 0, 0);
}

OpenToOthers::OpenToOthers() : was_closed_(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != kOpen) {
  if (was_closed_) ::prctl(PR_SET_DUMPABLE, kOpen, 0, 0, 0);
}

OpenToOthers::~OpenToOthers() {
  if (was_closed_) close_to_others();
}

}  // namespace phork::process
