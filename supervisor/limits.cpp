// SPDX-License-Identifier: MIT
#include "supervisor/limits.h"

#include <sys/resource.h>

namespace phork::supervisor {
void limit_core_files(bool asked_for) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) == -1) return;
  limit.rlim_cur = asked_for ? limit.rlim_max : 0;
  // Lowering it, or raising it to the hard limit, is always allowed.
  ::setrlimit(RLIMIT_CORE, &limit);
}

}  // namespace phork::supervisor
