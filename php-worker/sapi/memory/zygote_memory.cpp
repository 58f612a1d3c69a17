// SPDX-License-Identifier: MIT
#include "php-worker/sapi/memory/zygote_memory.h"

#include <cstdlib>
#include <string>

#include "php-worker/sapi/memory/capabilities.h"
#include "php-worker/sapi/memory/code_mappings.h"
#include "php-worker/sapi/memory/fresh_heap.h"
#include "php-worker/sapi/memory/opcache_memory.h"

namespace phork::sapi {
namespace {

constexpr const char* kVariable = "USE_ZEND_ALLOC_HUGE_PAGES";  // PHP's

// Whether children get a chunk of their own.
bool heap_is_fresh = false;

std::string megabytes(std::size_t bytes) {
  return std::to_string(bytes >> 20U) + " MB";
}

}  // namespace

HugePagesPreferred::HugePagesPreferred() {
  const Capabilities& found = capabilities();
  const bool useful = found.kernel_is(5, 8) && !found.huge_pages.empty();
  if (!useful || found.huge_pages == "never" || std::getenv(kVariable) != nullptr) return;
  ::setenv(kVariable, "1", 1);
  set_ = true;
}

HugePagesPreferred::~HugePagesPreferred() {
  if (set_) ::unsetenv(kVariable);
}

std::string arrange_memory(EventHeap heap) {
  const std::size_t merged = merge_code_mappings();
  const std::size_t huge = move_opcache_to_huge_pages();
  heap_is_fresh = heap == EventHeap::kApart && start_fresh_heap();
  return std::to_string(merged) + " mappings saved, opcache " + megabytes(huge) +
         " on huge pages, events' heap " + (heap_is_fresh ? "apart" : "shared with the boot's");
}

void arrange_heap_again() {
  heap_is_fresh = start_fresh_heap();
}

void enter_memory() {
  if (heap_is_fresh) enter_fresh_heap();
}

}  // namespace phork::sapi
