// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/opcache_memory.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include "php-worker/sapi/memory/capabilities.h"
#include "php-worker/sapi/memory/mappings.h"
#include "php-worker/sapi/php_headers.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {
namespace {

// Of 512: fewer are not worth 2 MB.
constexpr std::size_t kPagesWorthIt = 64;

// opcache has one mapping, of just the size it is told to have, when there is no JIT in it.
std::optional<Mapping> find_opcache_memory() {
  const auto bytes = static_cast<std::size_t>(INI_INT("opcache.memory_consumption")) << 20;
  for (const Mapping& mapping : list_mappings()) {
    if (is_shared(mapping) && is_writable(mapping) && mapping.bytes() == bytes) return mapping;
  }
  return std::nullopt;
}

// What is over the limit for files costs the process its life (SIGXFSZ).
bool file_may_be(std::size_t bytes) {
  rlimit limit{};
  return ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && bytes <= limit.rlim_cur;
}

// Memory of the size of another mapping, at a place as far from the border of a huge page.
class Twin : private base::Pinned {
 public:
  explicit Twin(const Mapping& original)
      : original_(original),
        skew_(original.begin % kHugePageBytes),
        file_(::memfd_create("phork-opcache", MFD_CLOEXEC)) {
    if (!file_.valid() || !file_may_be(skew_ + original.bytes())) return;
    if (::ftruncate(file_.get(), static_cast<off_t>(skew_ + original.bytes())) != 0) return;
    room_bytes_ = original.bytes() + 2 * kHugePageBytes;
    room_ = ::mmap(nullptr, room_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room_ == MAP_FAILED) return;
    const auto base = reinterpret_cast<std::uintptr_t>(room_) + kHugePageBytes - 1;
    memory_ = map_at((base & ~(kHugePageBytes - 1)) + skew_);
  }

  ~Twin() {
    if (room_ != MAP_FAILED) ::munmap(room_, room_bytes_);
  }

  bool valid() const { return memory_ != nullptr; }

  // Copies the pages that hold something, and gathers them in huge ones. Returns how many bytes are
  // in those, 0 when the kernel cannot.
  std::size_t fill() {
    std::vector<unsigned char> resident(original_.bytes() / kPageBytes);
    if (::mincore(to_pointer(original_.begin), original_.bytes(), resident.data()) != 0) return 0;
    for (std::size_t page = 0; page < resident.size(); ++page) {
      if ((resident[page] & 1) == 0) continue;
      const std::size_t at = page * kPageBytes;
      std::memcpy(memory_ + at, to_pointer(original_.begin + at), kPageBytes);
    }
    return collapse(resident);
  }

  // Puts this memory in the place of the original.
  bool replace() { return map_at(original_.begin) != nullptr; }

 private:
  char* map_at(std::uintptr_t address) {
    void* const at = ::mmap(to_pointer(address), original_.bytes(), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_FIXED, file_.get(), static_cast<off_t>(skew_));
    return at == MAP_FAILED ? nullptr : static_cast<char*>(at);
  }

  std::size_t collapse(const std::vector<unsigned char>& resident) {
    constexpr std::size_t kPages = kHugePageBytes / kPageBytes;
    std::size_t collapsed = 0;
    std::size_t at = skew_ == 0 ? 0 : kHugePageBytes - skew_;
    for (; at + kHugePageBytes <= original_.bytes(); at += kHugePageBytes) {
      const auto first = resident.begin() + static_cast<std::ptrdiff_t>(at / kPageBytes);
      const auto used = std::count_if(first, first + kPages, [](auto page) { return page & 1; });
      if (static_cast<std::size_t>(used) < kPagesWorthIt) continue;
      if (::madvise(memory_ + at, kHugePageBytes, kCollapse) != 0) break;
      collapsed += kHugePageBytes;
    }
    return collapsed;
  }

  const Mapping& original_;
  const std::size_t skew_;
  base::Fd file_;
  void* room_ = MAP_FAILED;
  std::size_t room_bytes_ = 0;
  char* memory_ = nullptr;
};

}  // namespace

std::size_t move_opcache_to_huge_pages() {
  if (!capabilities().collapse) return 0;
  const auto original = find_opcache_memory();
  if (!original) return 0;
  Twin twin(*original);
  if (!twin.valid()) return 0;
  const std::size_t collapsed = twin.fill();
  return collapsed > 0 && twin.replace() ? collapsed : 0;
}

}  // namespace phork::sapi
