// SPDX-License-Identifier: MIT
//
// Part of php-worker under the address sanitizer only: PHP loads its extensions with RTLD_DEEPBIND,
// which the sanitizer answers by ending the process. Everything else about loading stays as it is.
// https://github.com/google/sanitizers/issues/611
#include <dlfcn.h>

extern "C" {

// The sanitizer's own, hence the name; it gives way to a dlopen that the program defines.
#pragma clang diagnostic ignored "-Wreserved-identifier"
void* __interceptor_dlopen(const char* file, int mode);

void* dlopen(const char* file, int mode) noexcept {
  return __interceptor_dlopen(file, mode & ~RTLD_DEEPBIND);
}

}  // extern "C"
