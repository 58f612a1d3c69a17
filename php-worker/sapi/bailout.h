// SPDX-License-Identifier: MIT
//
// The only place that catches Zend's bailout. A fatal error or an exit() leaves PHP by longjmp,
// which skips C++ destructors: whatever PHP is called through `guarded` may hold trivially
// destructible locals only, and results live outside of it.
#pragma once

#include "php-worker/sapi/php_headers.h"

namespace phork::sapi {

// Calls `f()`. False when PHP bailed out of it (fatal error, exit). Never inlined: a caller's
// locals must not live in the frame that longjmp returns to.
template <typename F>
[[nodiscard, gnu::noinline]] bool guarded(F&& f) {
  JMP_BUF* const outer = EG(bailout);
  JMP_BUF here;
  EG(bailout) = &here;
  const bool completed = SETJMP(here) == 0;
  if (completed) f();
  EG(bailout) = outer;
  return completed;
}

}  // namespace phork::sapi
