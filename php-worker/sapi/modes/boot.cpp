// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/boot.h"

#include <chrono>
#include <utility>

#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/engine.h"
#include "php-worker/sapi/entry_point.h"
#include "php-worker/sapi/learning/rehearsal.h"
#include "php-worker/sapi/library.h"
#include "php-worker/sapi/memory/opcache_lock.h"
#include "php-worker/sapi/memory/zygote_memory.h"
#include "php-worker/sapi/modes/snap_start.h"
#include "php-worker/sapi/request.h"
#include "php-worker/sapi/secrets.h"
#include "php-worker/sapi/server_context.h"
#include "php-worker/sapi/worker_script.h"
#include "runtime/base/settings.h"
#include "runtime/base/start_clock.h"
#include "runtime/http/event_reader.h"

namespace phork::sapi {
namespace {

base::StartClock worker_clock("php-worker");

base::Status start(char* executable, Warmup warmup) {
  std::optional<HugePagesPreferred> preferred;
  std::optional<OpcacheAligned> aligned;
  if (warmup == Warmup::kRehearsedToFork) {
    preferred.emplace();
    aligned.emplace();
  }
  const bool compiles = warmup == Warmup::kRehearsedToCompile;
  auto started = start_php(executable, compiles ? FileCache::kWrite : FileCache::kRead);
  seal_opcache_lock();
  worker_clock.end_part("PHP");
  return started;
}

// In a request of their own: the application boots without the SDK's objects, and finds the values
// where PHP puts the environment.
std::optional<event::Failure> load_secrets_apart() {
  use_library(library_folder());
  if (auto failure = load_secrets()) return failure;
  if (const auto reopened = reopen_request(); !reopened) {
    return event::Failure{"Runtime.PhpFatal", reopened.error().text, {}};
  }
  return std::nullopt;
}

std::optional<event::Failure> warm_up(Booted& booted, Warmup warmup) {
  std::string list = base::variable("PHORK_WARMUP");
  // A second event needs files that the first does not, such as those that reset services.
  if (warmup == Warmup::kRehearsedToCompile) list += "\n" + list;
  const bool forks_follow = warmup == Warmup::kRehearsedToFork;
  auto rehearsed = rehearse(booted.application, booted.entry,
                            {std::move(list), base::warmup_budget(), forks_follow});
  if (rehearsed.failure) return std::move(rehearsed.failure);
  if (has_script_ended()) {
    return event::Failure{kInvalidWarmup,
                          "php-worker: rehearse: the worker script ended and asks for no more "
                          "requests: expected its limit (MAX_REQUESTS, FRANKENPHP_LOOP_MAX) to "
                          "exceed the requests of PHORK_WARMUP",
                          {}};
  }
  if (!rehearsed.broken_off) return std::nullopt;
  if (const auto reopened = reopen_request(); !reopened) {
    return event::Failure{"Runtime.PhpFatal", reopened.error().text, {}};
  }
  return boot_again(booted);
}

}  // namespace

std::optional<event::Failure> boot(Booted& booted, char* executable, Warmup warmup) {
  auto entry = find_entry_point();
  if (!entry) return event::Failure{"Runtime.HandlerNotFound", entry.error().text, {}};
  booted.entry = std::move(entry).value();
  set_entry_script(booted.entry.files.entry_file);
  if (booted.entry.kind == base::EntryKind::kConsole) become_console();
  if (const auto started = start(executable, warmup); !started) {
    return event::Failure{"Runtime.PhpFatal", started.error().text, {}};
  }
  if (has_secrets() && warmup != Warmup::kRehearsedToCompile) {
    if (auto failure = load_secrets_apart()) return failure;
  }
  // simdjson chooses its code at the first use in a process. A virtual machine's processor answers
  // slowly (CPUID), and every forked child would ask again.
  static_cast<void>(http::read_event("{}"));
  if (booted.entry.kind == base::EntryKind::kAuto) {
    booted.entry.kind = detect_entry_kind(booted.entry.files.entry_file);
  }
  if (auto failure = boot_again(booted)) return failure;
  worker_clock.end_part("application");
  if (warmup != Warmup::kSkipped) {
    if (auto failure = warm_up(booted, warmup)) return failure;
    worker_clock.end_part("rehearsal");
  }
  const bool has_snapshot = base::is_snap_start() && warmup != Warmup::kRehearsedToCompile;
  return has_snapshot ? run_snapshot_hooks(booted.application) : std::nullopt;
}

std::optional<event::Failure> boot_again(Booted& booted) {
  if (auto failure = booted.application.boot(booted.entry, library_folder())) return failure;
  close_boot();
  return std::nullopt;
}

base::StartClock& start_clock() {
  return worker_clock;
}

std::uint64_t microseconds_since_start() {
  return microseconds_since(worker_clock.began());
}

std::uint64_t microseconds_since(std::chrono::steady_clock::time_point start) {
  const auto spent = std::chrono::steady_clock::now() - start;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(spent).count());
}

}  // namespace phork::sapi
