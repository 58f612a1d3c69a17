// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/zygote_memory.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <sys/random.h>
#include <vector>

#include "php-worker/sapi/memory/address_space.h"
#include "php-worker/sapi/memory/capabilities.h"
#include "php-worker/sapi/memory/zygote_heap.h"
#include "php-worker/sapi/php.h"
#include "runtime/base/settings.h"

namespace phork::sapi {
namespace {

constexpr const char* kVariable = "USE_ZEND_ALLOC_HUGE_PAGES";  // read by PHP

// True when children get a chunk of their own.
bool heap_is_fresh = false;

std::string megabytes(std::size_t bytes) {
  return std::to_string(bytes >> 20U) + " MB";
}

bool is_read_only_file(const Mapping& mapping) {
  return mapping.inode != 0 && is_readable(mapping) && !is_writable(mapping) && !is_shared(mapping);
}

// True when `mapping` continues the same file where `before` ends, in memory and in the file.
bool continues(const Mapping& mapping, const Mapping& before) {
  return mapping.begin == before.end && mapping.inode == before.inode &&
         mapping.device == before.device && mapping.offset == before.offset + before.bytes();
}

// Of the 512 small pages in a huge one: fewer used ones are not worth 2 MB.
constexpr std::size_t kPagesWorthIt = 64;

// Where the kernel places mappings for which 32 bits of address suffice, such as opcache's. Up to
// `kRandomPart` behind the begin it adds at random; then it takes the first room that it finds.
// https://github.com/torvalds/linux/blob/v6.6/arch/x86/kernel/sys_x86_64.c#L96
constexpr std::uintptr_t kLowBegin = 0x4000'0000;
constexpr std::uintptr_t kRandomPart = 0x0200'0000;

// Without a JIT, opcache has one mapping of exactly the configured size.
std::optional<Mapping> find_opcache_memory(const std::vector<Mapping>& mappings) {
  const auto bytes = static_cast<std::size_t>(INI_INT("opcache.memory_consumption")) << 20;
  for (const Mapping& mapping : mappings) {
    if (is_shared(mapping) && is_writable(mapping) && mapping.bytes() == bytes) return mapping;
  }
  return std::nullopt;
}

// Joins the mappings of each library into one where that is safe, and returns how many fewer there
// are. A PHP with its extensions has hundreds, and each costs about a microsecond at every fork and
// another at every exit.
//
// The linker maps a library's read-only data apart from its code: three mappings of one file in a
// row. Given the access of the middle one, the kernel makes them one mapping. Read-only data
// becomes executable by this, as in any program linked without `-z separate-code`; nothing writable
// is touched.
std::size_t merge_code_mappings(const std::vector<Mapping>& mappings) {
  std::size_t saved = 0;
  for (auto first = mappings.begin(); first != mappings.end();) {
    auto end = first + 1;
    if (is_read_only_file(*first)) {
      while (end != mappings.end() && is_read_only_file(*end) && continues(*end, *(end - 1))) ++end;
      if (end - first > 1 && std::any_of(first, end, is_executable)) {
        const std::size_t bytes = (end - 1)->end - first->begin;
        if (::mprotect(to_pointer(first->begin), bytes, PROT_READ | PROT_EXEC) == 0) {
          saved += static_cast<std::size_t>(end - first) - 1;
        }
      }
    }
    first = end;
  }
  return saved;
}

}  // namespace

HugePagesPreferred::HugePagesPreferred() {
  const Capabilities& found = capabilities();
  const bool useful = found.kernel_is(5, 8) && !found.huge_pages.empty();
  if (!useful || found.huge_pages == "never" || base::is_set(kVariable)) return;
  ::setenv(kVariable, "1", 1);
  set_ = true;
}

HugePagesPreferred::~HugePagesPreferred() {
  if (set_) ::unsetenv(kVariable);
}

OpcacheAligned::OpcacheAligned() {
  unsigned char chance = 0;
  if (!capabilities().collapse || ::getrandom(&chance, sizeof chance, 0) != sizeof chance) return;
  bytes_ = kRandomPart + (chance % 128) * kHugePageBytes;
  void* const at = ::mmap(to_pointer(kLowBegin), bytes_, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
  if (at != MAP_FAILED) reserved_ = at;
}

OpcacheAligned::~OpcacheAligned() {
  if (reserved_ != nullptr) ::munmap(reserved_, bytes_);
}

std::string gather_opcache() {
  constexpr std::size_t kPages = kHugePageBytes / kPageBytes;
  std::size_t gathered = 0;
  const auto memory = find_opcache_memory(list_mappings());
  if (memory && memory->begin % kHugePageBytes == 0) {
    std::vector<unsigned char> resident(memory->bytes() / kPageBytes);
    ::mincore(to_pointer(memory->begin), memory->bytes(), resident.data());
    for (std::size_t first = 0; first + kPages <= resident.size(); first += kPages) {
      const auto* const pages = resident.data() + first;
      const auto used = std::count_if(pages, pages + kPages, [](auto page) { return page & 1; });
      if (static_cast<std::size_t>(used) < kPagesWorthIt) continue;
      void* const at = to_pointer(memory->begin + first * kPageBytes);
      if (::madvise(at, kHugePageBytes, kCollapse) != 0) break;
      gathered += kHugePageBytes;
    }
  }
  return "opcache " + megabytes(gathered) + " on huge pages";
}

std::string arrange_memory(EventHeap heap) {
  const std::vector<Mapping> mappings = list_mappings();
  const std::size_t saved = merge_code_mappings(mappings);
  heap_is_fresh = heap == EventHeap::kApart && start_fresh_heap();
  return std::to_string(mappings.size() - saved) + " mappings (" + std::to_string(saved) +
         " saved), events' heap " + (heap_is_fresh ? "apart" : "shared with the boot's");
}

void arrange_heap_again() {
  heap_is_fresh = start_fresh_heap();
}

void enter_memory() {
  if (heap_is_fresh) enter_fresh_heap();
}

}  // namespace phork::sapi
