// SPDX-License-Identifier: MIT
//
// Loaded into bootstrap with LD_PRELOAD. libuv of Debian 13 makes a ring for each loop, whatever
// UV_USE_IO_URING says, and CRIU cannot write one. Where the kernel has none, libuv does without.
// https://github.com/libuv/libuv/blob/v1.50.0/src/unix/linux.c
#include <cerrno>
#include <cstdarg>
#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" long syscall(long number, ...) noexcept {
  if (number == SYS_io_uring_setup) {
    errno = ENOSYS;
    return -1;
  }
  using Call = long (*)(long, long, long, long, long, long, long);
  static const auto real = reinterpret_cast<Call>(::dlsym(RTLD_NEXT, "syscall"));
  std::va_list list;
  va_start(list, number);
  long rest[6];
  for (long& argument : rest) argument = va_arg(list, long);
  va_end(list);
  return real(number, rest[0], rest[1], rest[2], rest[3], rest[4], rest[5]);
}
