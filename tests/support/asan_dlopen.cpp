// SPDX-License-Identifier: MIT
//
// Part of php-worker under the address sanitizer only: PHP loads its extensions with RTLD_DEEPBIND,
// for which the sanitizer ends the process. So this dlopen() drops that flag.
// https://github.com/google/sanitizers/issues/611
#include <dlfcn.h>

extern "C" {

// The sanitizer's own function, as its name says; it yields to a dlopen that the program defines.
#pragma clang diagnostic ignored "-Wreserved-identifier"
void* __interceptor_dlopen(const char* file, int mode);

void* dlopen(const char* file, int mode) noexcept {
  return __interceptor_dlopen(file, mode & ~RTLD_DEEPBIND);
}

}  // extern "C"
