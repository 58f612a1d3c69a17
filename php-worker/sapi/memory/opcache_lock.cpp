// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/opcache_lock.h"

#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "php-worker/sapi/memory/proc_file.h"
#include "runtime/base/fd.h"

namespace phork::sapi {
namespace {

// With opcache's own name, by which others find it.
constexpr const char* kName = ".ZendSem.phork";
constexpr const char* kOwnName = "/.ZendSem.";

base::Fd make_sealed_file() {
  base::Fd file(::memfd_create(kName, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (!file.valid() || ::fcntl(file.get(), F_ADD_SEALS, kSeals) == -1) return {};
  return file;
}

}  // namespace

void seal_opcache_lock() {
  for (const int number : open_descriptors()) {
    const std::string link = read_proc_link("/proc/self/fd/" + std::to_string(number));
    if (link.find(kOwnName) == std::string::npos) continue;
    if (const base::Fd sealed = make_sealed_file(); sealed.valid()) {
      ::dup3(sealed.get(), number, O_CLOEXEC);
    }
  }
}

}  // namespace phork::sapi
