// SPDX-License-Identifier: MIT
#include "php-worker/sapi/rollback/rollback.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <malloc.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <utility>

#include "php-worker/sapi/php.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/lambda/variables.h"

namespace phork::sapi {
namespace {

bool wants_debug_lines() {
  const auto environment = lambda::read_variables();  // bootstrap has checked it
  return environment && environment->log_level <= base::LogLevel::kDebug;
}

[[maybe_unused]] const void* program_of(const void* function) {
  Dl_info found{};
  return ::dladdr(function, &found) == 0 ? nullptr : found.dli_fbase;
}

// PHP installs a handler of its own for each of these signals, which does what the kernel does
// without one until PHP code sets another (Zend/zend_signal.c). Without it a comparison has fewer
// handlers to ask for.
void remove_idle_handlers() {
#ifdef ZEND_SIGNALS
  for (const int number : {SIGPROF, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2}) {
    struct sigaction now {};

    const bool is_idle = SIGG(handlers)[number - 1].handler == reinterpret_cast<void*>(SIG_DFL);
    if (!is_idle || SIGG(check) || ::sigaction(number, nullptr, &now) == -1) continue;
    const bool is_of_php = program_of(reinterpret_cast<const void*>(now.sa_sigaction)) ==
                           program_of(reinterpret_cast<const void*>(&zend_signal));
    if (is_of_php) ::signal(number, SIG_DFL);
  }
#endif
}

// Leaves room at the end of the C library's heap, so that an event that needs a little of it does
// not move the break: then all mappings would have to be read to put it back.
void make_room_in_heap() {
  constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;
  constexpr int kKept = 4 << 20;
  ::mallopt(M_TRIM_THRESHOLD, kKept);
  std::array<void* volatile, 4> blocks{};
  for (void* volatile& block : blocks) block = std::malloc(kBlockBytes);
  for (void* volatile& block : blocks) std::free(block);
}

}  // namespace

bool has_ffi() {
  const auto setting = [](const char* name) {
    const char* const value = INI_STR(name);
    return std::string_view(value == nullptr ? "" : value);
  };
  const std::string_view enable = setting("ffi.enable");
  // Only in files that opcache has preloaded.
  if (enable == "preload") return !setting("opcache.preload").empty();
  return !enable.empty() && enable != "0";
}

Rollback::Rollback(Snapshot snapshot)
    : snapshot_(snapshot),
      has_ffi_(has_ffi()),
      tells_why_(wants_debug_lines()),
      checks_(base::is_set("PHORK_CHECK_ROLLBACK")) {}

void Rollback::keep_blocks_in_heap() {
  constexpr int kMostAllowed = 32 << 20;  // mallopt(3)
  ::mallopt(M_MMAP_THRESHOLD, kMostAllowed);
}

base::Result<Rollback> Rollback::prepare() {
  auto snapshot = Snapshot::take();
  if (!snapshot) return std::move(snapshot).error();
  return Rollback(snapshot.value());
}

base::Status Rollback::mark() {
  // As a subreaper this process becomes the parent of processes that an event leaves behind, and so
  // notices them.
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1) {
    return base::system_error("php-worker: adopt orphans", errno);
  }
  if (checks_) snapshot_.check_rollbacks();
  remove_idle_handlers();
  make_room_in_heap();
  state_ = std::make_unique<KernelState>();
  const auto rollbacks = snapshot_.mark();
  if (!rollbacks) return rollbacks.error();
  if (rollbacks.value() == 0) return base::ok_status();
  if (const std::size_t pages = snapshot_.differing_pages(); pages != 0) {
    base::log_error("php-worker: roll back: " + std::to_string(pages) +
                    " pages were not restored [bug]");
  }
  return base::ok_status();
}

void Rollback::run() {
  // The interrupt may have left more unfinished than the code it was meant for.
  if (current_context().timed_out) return retire("its event was interrupted");
  // Text in stdio's buffers would be lost with the memory.
  std::fflush(nullptr);
  // The kernel's state comes first: it can still be refused, and restoring memory does not return.
  if (const std::string difference = state_->put_back(); !difference.empty()) {
    return retire("an event has changed its " + difference);
  }
  if (checks_) check_signs();
  MemoryFiles files = state_->memory_files();
  // A check of all memory shows what this sign misses.
  files.counts_faults = files.counts_faults && (checks_ || !has_ffi_);
  retire(snapshot_.roll_back(files).text);
}

void Rollback::check_signs() {
  const std::string difference = state_->difference();
  if (difference.empty()) return;
  base::log_error("php-worker: roll back: the " + difference + " was not restored [bug]");
}

void Rollback::retire(const std::string& why) const {
  if (!tells_why_ && why.find("[bug]") == std::string::npos) return;
  // Written directly, because base/log.h drops lines of this level where there is no sink.
  std::fprintf(stderr, "phork debug: php-worker: worker ends: %s\n", why.c_str());
}

}  // namespace phork::sapi
