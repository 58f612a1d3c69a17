// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/inherited_values.h"

#include <cerrno>
#include <new>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/base/log.h"
#include "runtime/base/result.h"

namespace phork::sapi {
namespace {

std::atomic<std::uint32_t>& make_shared_count() {
  using Count = std::atomic<std::uint32_t>;
  void* const memory =
      ::mmap(nullptr, sizeof(Count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw base::SystemError(errno, "php-worker: map memory");
  return *new (memory) Count(0);
}

}  // namespace

InheritedValues::InheritedValues(bool has_ffi)
    : niceness_(::getpriority(PRIO_PROCESS, 0)),
      always_looks_(::geteuid() == 0 || has_ffi),
      reaches_(make_shared_count()) {}

bool InheritedValues::have_changed() {
  const std::uint32_t now = reaches_.load(std::memory_order_acquire);
  if (is_known_ && now == seen_ && !always_looks_) return false;
  seen_ = now;
  is_known_ = true;
  const std::string_view changed = values_.difference();
  if (changed.empty()) return false;
  base::log_warn("php-worker: zygote: an event has changed what children inherit, the " +
                 std::string(changed) + "; this zygote ends and another one boots");
  return true;
}

bool InheritedValues::are_same() const {
  if (always_looks_ || reaches_.load(std::memory_order_acquire) != seen_) {
    return values_.difference().empty();
  }
  return ::getpriority(PRIO_PROCESS, 0) == niceness_;
}

// A program has taken page faults before it did anything.
void InheritedValues::note_event() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  if (usage.ru_minflt != 0) reaches_.fetch_add(1, std::memory_order_release);
}

}  // namespace phork::sapi
