// SPDX-License-Identifier: MIT
//
// Loaded into CRIU 4.1 with LD_PRELOAD. Newer kernels (6.16) know two options of Unix sockets for
// no other socket, and CRIU asks for them of each.
// https://git.kernel.org/torvalds/c/7d8d93fdde50b86bbbf46a203c368ed320e729ab
#include <cerrno>
#include <cstring>
#include <dlfcn.h>
#include <sys/socket.h>

extern "C" int getsockopt(int socket, int level, int name, void* value, socklen_t* size) noexcept {
  using GetOption = int (*)(int, int, int, void*, socklen_t*);
  static const auto real = reinterpret_cast<GetOption>(::dlsym(RTLD_NEXT, "getsockopt"));
  constexpr int kPassSecurity = 34;  // SO_PASSSEC
  const int result = real(socket, level, name, value, size);
  const bool is_missing = result == -1 && errno == EOPNOTSUPP && level == SOL_SOCKET &&
                          (name == SO_PASSCRED || name == kPassSecurity);
  if (!is_missing) return result;
  std::memset(value, 0, *size);
  return 0;
}
