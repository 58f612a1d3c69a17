// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/seal.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <sys/stat.h>
#include <utility>

#include "php-worker/sapi/belongings.h"
#include "php-worker/sapi/memory/capabilities.h"
#include "php-worker/sapi/memory/proc_file.h"
#include "php-worker/sapi/php.h"
#include "php-worker/sapi/request.h"
#include "php-worker/sapi/zygote/seal_checks.h"
#include "runtime/base/log.h"

namespace phork::sapi {
namespace {

using base::FdPolicy;
using event::Failure;

// A collection can make new garbage, because destructors run. One that never ends is the
// application's bug.
constexpr int kMostCollections = 10;

constexpr const char* kReopen =
    "close it in Phork\\onSeal and open it again in Phork\\onFork, or open it inside the event";
constexpr const char* kUnlock = "give the lock back before boot ends, or in Phork\\onSeal";
constexpr const char* kNoThread =
    "this thread does not exist in events, but locks it holds stay locked; start it in "
    "Phork\\onFork";

int collect_cycles() {
  int collected = 0;
  const bool completed = guarded([&collected] {
    for (int round = 0; round < kMostCollections; ++round) {
      const int found = gc_collect_cycles();
      if (found == 0) return;
      collected += found;
    }
  });
  if (!completed) CG(unclean_shutdown) = 0;
  return collected;
}

std::string megabytes(std::size_t bytes) {
  return std::to_string((bytes + (std::size_t{1} << 19U)) >> 20U) + " MB";
}

// "1.2"
std::string milliseconds(std::int64_t microseconds) {
  const std::int64_t tenths = (microseconds + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string counted(std::size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

ino_t inode_of(int descriptor) {
  struct stat status {};

  return ::fstat(descriptor, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

// The problems that the seal found, in words for the application's owner.
struct Seal::Findings {
  std::vector<std::string> offenders;
  std::vector<OpenDescriptor> connections;  // to be replaced by closed ones
};

Seal::Seal(FdPolicy policy) : policy_(policy), own_descriptors_(open_descriptors()) {}

std::optional<Failure> Seal::close(Application& application, std::uint32_t generation,
                                   const std::function<std::string()>& arrange) {
  const auto began = std::chrono::steady_clock::now();
  if (auto failure = run_code([&] { return application.run_seal_hooks(); })) return failure;
  // No PHP code runs from here on, so the marks stay right and the heap stays as it is arranged.
  const BootCounts counts = mark_boot();
  const std::string arrangement = arrange();
  const auto took = std::chrono::steady_clock::now() - began;
  log_summary(generation, counts, arrangement,
              std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  return std::nullopt;
}

std::optional<Failure> Seal::close_again(const std::function<std::optional<Failure>()>& code,
                                         const std::function<void()>& arrange) {
  child_signal_.give_back();
  if (auto failure = run_code(code)) return failure;
  mark_boot();
  arrange();
  return std::nullopt;
}

std::optional<Failure> Seal::run_code(const std::function<std::optional<Failure>()>& code) {
  // First, because a hook may still open, close or allocate what the steps below look at.
  auto failure = run_between_events([&]() -> std::optional<Failure> {
    if (auto failed = code()) return failed;
    cycles_ = collect_cycles();
    return std::nullopt;
  });
  if (failure) return failure;
  if ((failure = find_open_session())) return failure;
  if ((failure = audit())) return failure;
  disarm_timers();
  report_locked_memory();
  forget_errors();
  forget_own_paths();
  reseed_randomness();  // libraries get ready for it once
  child_signal_.take();
  // Every child would write again what stdio still buffers.
  std::fflush(nullptr);
  return std::nullopt;
}

std::optional<Failure> Seal::prepare_child(Application& application) const {
  begin_belongings();
  renewal_.run();
  child_signal_.give_back();
  if (!application.has_fork_hooks()) return std::nullopt;
  // open_event() does it for the event. Hooks must not see the zygote's sequence either.
  reseed_randomness();
  return run_between_events([&] { return application.run_fork_hooks(); });
}

std::optional<Failure> Seal::audit() {
  if (policy_ == FdPolicy::kAllow) return std::nullopt;
  renewal_ = {};
  Findings findings;
  audit_descriptors(findings);
  for (const std::string& name : other_threads()) {
    findings.offenders.push_back("thread '" + name + "': " + kNoThread);
  }
  if (policy_ == FdPolicy::kRefuse && !findings.offenders.empty()) {
    std::string message =
        "the boot left descriptors or threads that events would share (PHORK_FD_POLICY is refuse)";
    for (const std::string& offender : findings.offenders) message += "; " + offender;
    return Failure{"Runtime.SealFailed", std::move(message), {}};
  }
  for (const std::string& offender : findings.offenders) {
    base::log_warn("php-worker: seal: " + offender);
  }
  // Before the server is out of reach.
  if (!findings.connections.empty()) close_links();
  for (const OpenDescriptor& connection : findings.connections) {
    hang_up(connection);
    hung_up_.push_back(inode_of(connection.number));
  }
  return std::nullopt;
}

void Seal::audit_descriptors(Findings& findings) {
  for (OpenDescriptor& descriptor : sapi::audit_descriptors(own_descriptors_)) {
    if (std::ranges::find(hung_up_, inode_of(descriptor.number)) != hung_up_.end()) continue;
    const std::string name =
        "descriptor " + std::to_string(descriptor.number) + ", " + descriptor.what + ": ";
    if (descriptor.locked) {
      findings.offenders.push_back(name + "boot holds a lock on it, for which events would wait; " +
                                   kUnlock);
    }
    if (DescriptorRenewal::can_renew(descriptor)) {
      renewal_.add(std::move(descriptor));
    } else if (descriptor.kind == DescriptorKind::kSelfPipe) {
      findings.offenders.push_back(name + "all events share it; " + kReopen);
    } else {
      const char* const does = policy_ == FdPolicy::kRefuse ? "" : "it is closed because ";
      findings.offenders.push_back(name + does + "events would share it; " + kReopen);
      findings.connections.push_back(std::move(descriptor));
    }
  }
}

void Seal::log_summary(std::uint32_t generation, BootCounts counts, const std::string& arrangement,
                       std::int64_t took_us) const {
  base::log(base::LogLevel::kDebug,
            "php-worker: zygote " + std::to_string(generation) + ": " + describe(capabilities()) +
                "; sealed in " + milliseconds(took_us) +
                " ms: " + counted(static_cast<std::size_t>(cycles_), "cycle") + ", " +
                counted(counts.objects, "object") + " (" +
                std::to_string(counts.without_destructor) + " without destructor), " +
                counted(open_descriptors().size(), "descriptor") + " (" +
                std::to_string(renewal_.size()) + " reopened, " + std::to_string(hung_up_.size()) +
                " closed), for the zygote's end " +
                counted(counts.shutdown_functions, "shutdown function") + " and " +
                counted(counts.destructors, "destructor") + ", heap " +
                megabytes(zend_memory_usage(true)) + "; " + arrangement);
}

}  // namespace phork::sapi
