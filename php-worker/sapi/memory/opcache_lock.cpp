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

// opcache makes a file in /tmp; PHP 8.4 makes a file of memory, and the other where it cannot.
constexpr std::string_view kFileName = ".ZendSem.";
constexpr std::string_view kMemoryName = "memfd:opcache_lock";
constexpr const char* kSealedName = ".ZendSem.phork";

base::Fd make_sealed_file() {
  base::Fd file(::memfd_create(kSealedName, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (!file.valid() || ::fcntl(file.get(), F_ADD_SEALS, kSeals) == -1) return {};
  return file;
}

}  // namespace

bool is_opcache_lock(std::string_view link) {
  const std::string_view name = link.substr(link.rfind('/') + 1);
  return name.find(kFileName) != std::string_view::npos || name.starts_with(kMemoryName);
}

void seal_opcache_lock() {
  for (const int number : open_descriptors()) {
    const std::string link = read_proc_link("/proc/self/fd/" + std::to_string(number));
    if (!is_opcache_lock(link)) continue;
    if (const base::Fd sealed = make_sealed_file(); sealed.valid()) {
      ::dup3(sealed.get(), number, O_CLOEXEC);
    }
  }
}

}  // namespace phork::sapi
