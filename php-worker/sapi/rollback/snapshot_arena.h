// SPDX-License-Identifier: MIT
//
// What a snapshot (snapshot.h) needs that must not be part of it: the image's list of ranges, lists
// of pages, the contexts it switches between and the stack it runs on meanwhile, in one mapping.
//
// What runs on that stack works with this alone: it writes no other memory before the copying
// begins, and calls nothing that keeps state, but memcpy, memset and system calls.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <ucontext.h>

#include "php-worker/sapi/memory/address_space.h"
#include "php-worker/sapi/memory/mappings.h"

namespace phork::sapi {

// 16 MB. Putting back more than this takes longer than forking another worker.
inline constexpr std::size_t kMostWritten = 4096;

// Private writable memory.
struct KeptRange {
  std::uintptr_t begin;
  std::uintptr_t end;
  int protection;
  bool of_file;  // pages that were never looked at hold the file's bytes, else zeros
  // Mapped from the image, at this offset. What is not has all of its pages counted as written: the
  // stack, as the kernel lets only anonymous memory grow, and what the zygote has mapped since.
  bool imaged;
  std::size_t offset;

  std::size_t bytes() const { return end - begin; }
};

// Laid over memory of zeros, which is its initial state.
struct SnapshotArena {
  static constexpr std::size_t kOwnStackBytes = std::size_t{256} << 10U;

  enum class Task : std::uint8_t { kTake, kMark, kRollBack };

  // Runs the task on the stack of its own. With kMark, returns once more after each rollback.
  [[gnu::noinline]] void perform(Task wanted);

  // What runs there. A value of `problem` says why the task was not done.
  [[noreturn]] void run();
  void take();
  void mark();
  bool roll_back();

  bool list_ranges();
  // Adds what has come since, as far as it is not ours.
  bool add_later_ranges();
  bool is_ours(const Mapping& entry) const;
  bool find_written();
  bool find_written(const KeptRange& range, int pagemap);
  void put_back_pages();
  // The bytes that the page had at mark(); null: zeros. To be asked in order of address.
  class Original;
  void count_differing_pages();

  void fail(const char* what, int code) {
    problem = what;
    problem_code = code;
  }

  Task task;
  const char* problem;
  int problem_code;  // errno, 0 when there is none
  std::uint32_t rollbacks;

  ucontext_t own;
  ucontext_t caller;  // of take() and roll_back()
  ucontext_t marked;  // of mark()

  char* image;
  std::size_t image_bytes;
  int image_fd;
  std::array<KeptRange, 1024> ranges;  // in order of address
  std::size_t range_count;

  // The pages that had been written since take() when mark() was called, and their bytes.
  std::array<std::uintptr_t, kMostWritten> kept_addresses;
  std::size_t kept_count;
  std::array<char, kMostWritten * kPageBytes> kept;

  std::array<std::uintptr_t, kMostWritten> written;
  std::size_t written_count;

  MappingList mappings;  // at mark()
  std::uintptr_t heap_end;
  MappingList mappings_now;
  RangeList extra;

  bool checks;  // counts `differing` after each rollback
  std::size_t differing;

  std::array<std::uint64_t, 8192> pages;  // of pagemap
  alignas(16) std::array<char, kOwnStackBytes> own_stack;
};

}  // namespace phork::sapi
