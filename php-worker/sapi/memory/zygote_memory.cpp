// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/zygote_memory.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include "php-worker/sapi/memory/address_space.h"
#include "php-worker/sapi/memory/capabilities.h"
#include "php-worker/sapi/memory/zygote_heap.h"
#include "php-worker/sapi/php.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
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

// Without a JIT, opcache has one mapping of exactly the configured size.
std::optional<Mapping> find_opcache_memory(const std::vector<Mapping>& mappings) {
  const auto bytes = static_cast<std::size_t>(INI_INT("opcache.memory_consumption")) << 20;
  for (const Mapping& mapping : mappings) {
    if (is_shared(mapping) && is_writable(mapping) && mapping.bytes() == bytes) return mapping;
  }
  return std::nullopt;
}

// A file over the limit would end the process (SIGXFSZ).
bool file_may_be(std::size_t bytes) {
  rlimit limit{};
  return ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && bytes <= limit.rlim_cur;
}

// Memory as large as another mapping, at the same offset within a huge page.
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

  // Copies the pages in use, into huge pages where there are many. Returns how many bytes those
  // have; 0 when the kernel cannot make them.
  std::size_t fill() {
    std::vector<unsigned char> resident(original_.bytes() / kPageBytes);
    if (::mincore(to_pointer(original_.begin), original_.bytes(), resident.data()) != 0) return 0;
    // Before the copy, which then takes one page fault for each huge page.
    const std::size_t collapsed = collapse(resident);
    if (collapsed == 0) return 0;
    for (std::size_t page = 0; page < resident.size(); ++page) {
      if ((resident[page] & 1) == 0) continue;
      const std::size_t at = page * kPageBytes;
      std::memcpy(memory_ + at, to_pointer(original_.begin + at), kPageBytes);
    }
    return collapsed;
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
      memory_[at] = 0;  // the kernel refuses memory without any page
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

// Moves opcache's shared memory to huge pages and returns how many bytes lie in them; 0, with
// nothing changed, where there is no opcache or the kernel cannot do it. Before the first child
// only.
//
// An event reads megabytes of this memory. In small pages that is a hundred faults, and more than a
// thousand entries of the child's page table to make and clear, for every event. opcache maps it
// where no huge page can begin. While the zygote is alone it can put other memory with the same
// contents there, whose file offset and address agree; MADV_COLLAPSE (Linux 6.1) does the rest:
// https://man7.org/linux/man-pages/man2/madvise.2.html
std::size_t move_opcache_to_huge_pages(const std::vector<Mapping>& mappings) {
  if (!capabilities().collapse) return 0;
  const auto original = find_opcache_memory(mappings);
  if (!original) return 0;
  Twin twin(*original);
  if (!twin.valid()) return 0;
  const std::size_t collapsed = twin.fill();
  return collapsed > 0 && twin.replace() ? collapsed : 0;
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

std::string arrange_memory(EventHeap heap) {
  const std::vector<Mapping> mappings = list_mappings();
  const std::size_t saved = merge_code_mappings(mappings);
  const std::size_t huge = move_opcache_to_huge_pages(mappings);
  heap_is_fresh = heap == EventHeap::kApart && start_fresh_heap();
  return std::to_string(mappings.size() - saved) + " mappings (" + std::to_string(saved) +
         " saved), opcache " + megabytes(huge) + " on huge pages, events' heap " +
         (heap_is_fresh ? "apart" : "shared with the boot's");
}

void arrange_heap_again() {
  heap_is_fresh = start_fresh_heap();
}

void enter_memory() {
  if (heap_is_fresh) enter_fresh_heap();
}

}  // namespace phork::sapi
