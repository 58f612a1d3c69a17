// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/zygote_heap.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <sys/mman.h>

#include "php-worker/sapi/memory/address_space.h"
#include "php-worker/sapi/php.h"

namespace phork::sapi {
namespace {

// The sizes of PHP's small blocks. The first size is left alone: a page holds 512 such blocks, one
// more than zend_mm_gc() can count, so it would never give the page back.
#define PHORK_BIN_SIZE(number, size, elements, pages, x, y) size,
constexpr auto kBinSizes = std::to_array<std::size_t>({ZEND_MM_BINS_INFO(PHORK_BIN_SIZE, x, y)});
#undef PHORK_BIN_SIZE
constexpr std::size_t kFirstBin = 1;

static_assert(ZEND_MM_CHUNK_SIZE == kHugePageBytes);

// Leave this much below memory_limit. Blocks taken out of use count against the limit, and an event
// that has less than this may need them.
constexpr std::size_t kRoomToLeave = std::size_t{16} << 20;

std::uintptr_t chunk_of(const void* block) {
  return reinterpret_cast<std::uintptr_t>(block) & ~(ZEND_MM_CHUNK_SIZE - 1);
}

// Allocates single pages until the allocator needs a new chunk, and returns the page in that chunk.
// The other pages are never freed: they were the free pages of the existing chunks.
void* fill_free_pages() {
  const std::size_t before = zend_memory_usage(true);
  void* page = nullptr;
  do {
    page = emalloc(ZEND_MM_PAGE_SIZE);
  } while (zend_memory_usage(true) == before);
  return page;
}

// Does the same with the free list of one size. The returned block lies in the chunk `fresh`.
void* drain_bin(std::size_t bytes, std::uintptr_t fresh) {
  void* block = nullptr;
  do {
    block = emalloc(bytes);
  } while (chunk_of(block) != fresh);
  return block;
}

// Has PHP keep an empty chunk for later, and returns it; 0 when PHP keeps none. PHP gives unused
// chunks back to the kernel until it sees that the same chunk comes and goes.
std::uintptr_t keep_chunk(std::size_t bytes_with_it) {
  constexpr int kTries = 8;
  for (int i = 0; i < kTries; ++i) {
    void* const whole = emalloc(ZEND_MM_MAX_LARGE_SIZE);
    efree(whole);
    if (zend_memory_usage(true) >= bytes_with_it) return chunk_of(whole);
  }
  return 0;
}

}  // namespace

bool start_fresh_heap() {
  if (!is_zend_mm()) return false;
  zend_mm_gc(zend_mm_get_heap());
  const std::size_t needed = zend_memory_usage(true) + ZEND_MM_CHUNK_SIZE;
  if (needed + kRoomToLeave > static_cast<std::size_t>(PG(memory_limit))) return false;
  std::array<void*, kBinSizes.size()> ours{};
  ours[0] = fill_free_pages();
  const std::uintptr_t first = chunk_of(ours[0]);
  for (std::size_t i = kFirstBin; i < kBinSizes.size(); ++i) {
    ours[i] = drain_bin(kBinSizes[i], first);
  }
  for (void* block : ours) efree(block);
  zend_mm_gc(zend_mm_get_heap());
  const std::uintptr_t fresh = keep_chunk(needed);
  if (fresh == 0) return false;
  // PHP initializes the chunk when it takes it, so its pages may be given back to the kernel until
  // then.
  ::madvise(to_pointer(fresh), ZEND_MM_CHUNK_SIZE, MADV_DONTNEED);
  ::madvise(to_pointer(fresh), ZEND_MM_CHUNK_SIZE, MADV_HUGEPAGE);
  return true;
}

void enter_fresh_heap() {
  efree(emalloc(ZEND_MM_PAGE_SIZE));
}

}  // namespace phork::sapi
