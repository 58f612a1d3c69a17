// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/one_event.h"

#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "php-worker/sapi/event_run.h"
#include "php-worker/sapi/modes/event_service.h"
#include "php-worker/sapi/modes/snap_start.h"
#include "php-worker/sapi/request.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/process/inheritance.h"
#include "runtime/process/known_children.h"
#include "runtime/slot/report.h"

namespace phork::sapi {
namespace {

// The supervisor has checked the reply, so a failure is one of the system. Throws
// base::SystemError.
event::Invocation read_reply(const base::Fd& file) {
  struct stat state {};

  base::check(::fstat(file.get(), &state), "php-worker: read the event");
  const auto size = static_cast<std::size_t>(state.st_size);
  void* const bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (bytes == MAP_FAILED) throw base::SystemError(errno, "php-worker: map the event");
  auto invocation = lambda::read_next_reply({static_cast<const char*>(bytes), size});
  ::munmap(bytes, size);
  if (!invocation) throw base::SystemError(EPROTO, invocation.error().text);
  return std::move(invocation).value();
}

[[noreturn]] void end_after(const EventService& service, const event::Invocation& invocation,
                            std::uint64_t ready_us) {
  finish_event();
  end_children();
  service.tell_cost(invocation, 0, ready_us);
  end_process(base::kOk);
}

}  // namespace

bool end_children() {
  return !process::has_children() || process::KnownChildren::of_this_process().end_strays();
}

void end_process(int code) {
  std::fflush(nullptr);
  ::_exit(code);
}

void serve_given_event(Booted& booted, char* executable, const base::Fd& reply,
                       lambda::HttpRuntimeApi& api, slot::WorkerSide& slot) {
  const event::Invocation invocation = read_reply(reply);
  EventService service(booted.application, booted.entry, api, slot);
  service.begin(slot.given());
  // The boot is a part of this event.
  export_trace(invocation);
  // A rehearsal would only make the caller wait longer.
  auto failure = boot(booted, executable, Warmup::kSkipped);
  // Events come after the restore, and so does this boot: no copy of it exists.
  if (!failure && base::is_snap_start()) {
    failure = go_on_restored(booted.application, run_between_events);
  }
  start_clock().log();
  const std::uint64_t ready_us = microseconds_since_start();
  end_on_signal(api, slot);
  slot.send(slot::encode(slot::ReadyReport{}));
  const bool posted = failure ? service.refuse(invocation, *failure)
                              : service.serve(invocation, Lifetime::kProcess);
  if (!posted) end_process(service.exit_code());
  end_after(service, invocation, ready_us);
}

void serve_next_event(Booted& booted, lambda::HttpRuntimeApi& api, slot::WorkerSide& slot) {
  const std::uint64_t ready_us = microseconds_since_start();
  std::optional<process::Inheritance> values(std::in_place);
  if (!slot.await_turn()) end_process(base::kSystemFailed);
  // Events ran beside this process while it waited.
  if (!values->difference().empty()) end_process(base::kFailed);
  values.reset();
  EventService service(booted.application, booted.entry, api, slot);
  const auto invocation = service.next();
  if (!invocation) {
    end_boot([&booted] { booted.application.run_shutdown_hooks(); });
    end_process(service.exit_code());
  }
  if (!service.serve(*invocation, Lifetime::kProcess)) end_process(service.exit_code());
  end_after(service, *invocation, ready_us);
}

}  // namespace phork::sapi
