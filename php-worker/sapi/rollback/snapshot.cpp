// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/snapshot.h"

#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <fstream>
#include <new>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#if __has_include(<sys/rseq.h>)
#include <sys/rseq.h>
#endif
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "php-worker/sapi/rollback/snapshot_arena.h"
#include "runtime/base/fd.h"

namespace phork::sapi {
namespace {

using base::Error;
using base::ErrorKind;
using base::Fd;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kShadowed = true;
#elif defined(__has_feature)
constexpr bool kShadowed = __has_feature(address_sanitizer);
#else
constexpr bool kShadowed = false;
#endif

// An application with more memory is better forked, because the image takes memory too.
constexpr std::size_t kLargestImage = std::size_t{1} << 30;

Error failed(const char* what, int code) {
  return base::system_error(std::string("php-worker: roll back: ") + what, code);
}

Error refused(std::string why) {
  return {ErrorKind::kRefused, "php-worker: roll back: " + std::move(why)};
}

// The kernel writes the processor's number into our memory whenever it changes, at any time, unless
// told not to. sched_getcpu() can get it another way.
// https://www.gnu.org/software/libc/manual/html_node/Restartable-Sequences.html
void stop_processor_numbers() {
#if __has_include(<sys/rseq.h>)
  constexpr unsigned kRegisteredBytes = 32;
  if (__rseq_size == 0) return;
  void* const area = static_cast<char*>(__builtin_thread_pointer()) + __rseq_offset;
  ::syscall(SYS_rseq, area, kRegisteredBytes, RSEQ_FLAG_UNREGISTER, RSEQ_SIG);
#endif
}

// Where mappings begin that fork() empties (MADV_WIPEONFORK). Libraries keep the state of
// generators of random numbers in them, so that no two processes draw the same: the C library does
// since 2.41, for getrandom(). A rollback has to renew them too, or all events of a process would
// draw the same.
std::vector<std::uintptr_t> list_emptied_by_fork() {
  std::vector<std::uintptr_t> found;
  std::ifstream smaps("/proc/self/smaps");
  std::uintptr_t begin = 0;
  for (std::string line; std::getline(smaps, line);) {
    Mapping mapping{};
    if (parse_mapping(line, mapping)) begin = mapping.begin;
    const bool is_of_flags = line.starts_with("VmFlags:");
    if (is_of_flags && line.find(" wf") != std::string::npos) found.push_back(begin);
  }
  return found;
}

}  // namespace

base::Result<Snapshot> Snapshot::take() {
  if (kShadowed) return refused("this build has the address sanitizer, whose shadow is too large");
  // A guard page on each side keeps the kernel from joining this mapping to its neighbours, and
  // makes an overflow of the stack in it end the process.
  constexpr std::size_t kArenaBytes = (sizeof(SnapshotArena) / kPageBytes + 1) * kPageBytes;
  void* const memory = ::mmap(nullptr, kArenaBytes + 2 * kPageBytes, PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return failed("map memory", errno);
  char* const inside = static_cast<char*>(memory) + kPageBytes;
  if (::mprotect(inside, kArenaBytes, PROT_READ | PROT_WRITE) == -1) {
    return failed("map memory", errno);
  }
  stop_processor_numbers();
  auto& arena = *new (inside) SnapshotArena;  // zeros, as mapped
  const Fd image(::memfd_create("phork-image", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!image.valid()) return failed("memfd_create", errno);
  // Gives every range its place in the image, and the image its size.
  if (!arena.list_ranges(list_emptied_by_fork())) {
    return refused("/proc/self/maps cannot be read or is too long");
  }
  if (arena.image_bytes > kLargestImage) {
    return refused("the application has " + std::to_string(arena.image_bytes >> 20U) +
                   " MB of writable memory, expected at most " +
                   std::to_string(kLargestImage >> 20U) + " MB");
  }
  // Growing the file past this limit would end the process (SIGXFSZ).
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < arena.image_bytes) {
    return refused("the image has " + std::to_string(arena.image_bytes) +
                   " bytes, and files may have " + std::to_string(limit.rlim_cur) +
                   " (RLIMIT_FSIZE)");
  }
  if (::ftruncate(image.get(), static_cast<off_t>(arena.image_bytes)) == -1) {
    return failed("size the image", errno);
  }
  // A mapping of a descriptor that may only read cannot be made writable.
  const std::string again = "/proc/self/fd/" + std::to_string(image.get());
  const Fd sealed(::open(again.c_str(), O_RDONLY | O_CLOEXEC));
  if (!sealed.valid()) return failed("open the image again", errno);
  void* const mapped =
      ::mmap(nullptr, arena.image_bytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, sealed.get(), 0);
  if (mapped == MAP_FAILED) return failed("map the image", errno);
  arena.image = static_cast<char*>(mapped);
  arena.image_fd = image.get();
  arena.scans = !has_old_kernel();
  arena.counts_faults = counts_all_faults();
  arena.perform(SnapshotArena::Task::kTake);
  if (arena.problem != nullptr) return failed(arena.problem, arena.problem_code);
  return Snapshot(arena);
}

base::Result<std::uint32_t> Snapshot::mark() {
  arena_->perform(SnapshotArena::Task::kMark);
  if (arena_->problem != nullptr) return failed(arena_->problem, arena_->problem_code);
  return arena_->rollbacks;
}

base::Error Snapshot::roll_back(const MemoryFiles& files) {
  arena_->files = files;
  arena_->perform(SnapshotArena::Task::kRollBack);
  if (arena_->problem_code == 0) return refused(arena_->problem);
  return failed(arena_->problem, arena_->problem_code);
}

void Snapshot::check_rollbacks() {
  arena_->checks = true;
}

std::size_t Snapshot::differing_pages() const {
  return arena_->differing;
}

}  // namespace phork::sapi
