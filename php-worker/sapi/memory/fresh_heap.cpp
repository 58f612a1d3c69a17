// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/fresh_heap.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <sys/mman.h>

#include "php-worker/sapi/memory/mappings.h"
#include "php-worker/sapi/php_headers.h"

namespace phork::sapi {
namespace {

// The sizes of small blocks. The first one is left alone: a page holds 512 of them, one more than
// zend_mm_gc() can count, so it would never give the page back.
#define PHORK_BIN_SIZE(number, size, elements, pages, x, y) size,
constexpr auto kBinSizes = std::to_array<std::size_t>({ZEND_MM_BINS_INFO(PHORK_BIN_SIZE, x, y)});
#undef PHORK_BIN_SIZE
constexpr std::size_t kFirstBin = 1;

static_assert(ZEND_MM_CHUNK_SIZE == kHugePageBytes);

// Below memory_limit. What is taken out of use counts, and an event that has less than this may
// need it.
constexpr std::size_t kRoomToLeave = std::size_t{16} << 20;

std::uintptr_t chunk_of(const void* block) {
  return reinterpret_cast<std::uintptr_t>(block) & ~(ZEND_MM_CHUNK_SIZE - 1);
}

// Allocates single pages until the allocator has to get a chunk, and returns the page in it. The
// others are never given back: they are the free pages of the chunks there were.
void* fill_free_pages() {
  const std::size_t before = zend_memory_usage(true);
  void* page = nullptr;
  do {
    page = emalloc(ZEND_MM_PAGE_SIZE);
  } while (zend_memory_usage(true) == before);
  return page;
}

// The same for the free list of one size; what it returns lies in the chunk `fresh`.
void* drain_bin(std::size_t bytes, std::uintptr_t fresh) {
  void* block = nullptr;
  do {
    block = emalloc(bytes);
  } while (chunk_of(block) != fresh);
  return block;
}

// An empty chunk that PHP keeps for later; 0 when it keeps none. It gives back to the kernel what
// it has no use for, until it sees that the same chunk comes and goes.
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
  // PHP writes what it needs of the chunk when it takes it, so that it may be empty for the kernel,
  // too.
  ::madvise(to_pointer(fresh), ZEND_MM_CHUNK_SIZE, MADV_DONTNEED);
  ::madvise(to_pointer(fresh), ZEND_MM_CHUNK_SIZE, MADV_HUGEPAGE);
  return true;
}

void enter_fresh_heap() {
  efree(emalloc(ZEND_MM_PAGE_SIZE));
}

}  // namespace phork::sapi
