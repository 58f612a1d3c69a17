// SPDX-License-Identifier: MIT
//
// The seam between the supervisor, which owns the Runtime API, and the ways to run PHP. A strategy
// boots once and opens slots; each slot is used by one thread and serves one event at a time:
//
//   boot -> open_slot -> ( serve -> [the answer is posted] -> renew )*  -> shut_down
//
// A slot may assume nothing of what the PHP does, and always returns an outcome.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/base/settings.h"
#include "runtime/event/invocation.h"
#include "runtime/http/script_routing.h"

namespace phork::strategies {

// What bootstrap was told, as far as strategies need it.
struct Settings {
  std::string worker_path;      // of php-worker
  http::ScriptRouting routing;  // of the PHP file that _HANDLER names
  std::string entry_function;   // and its function, "" when the file itself is the entry
  base::EntryKind entry_kind = base::EntryKind::kAuto;
  std::string preboot_file;  // run before the entry; "" when there is none
  bool streams = false;      // answers leave while they are made
  unsigned slots = 1;
  unsigned spares = 1;      // workers kept ready per slot
  unsigned max_events = 0;  // per process (inprocess) or zygote (fork); 0: no limit
  // How long before the event's deadline PHP is ended, so that there is time to answer.
  std::chrono::milliseconds deadline_margin{200};
  std::chrono::seconds boot_timeout{60};
};

// What an event cost, as far as the strategy knows.
struct EventUsage {
  std::uint32_t minor_faults = 0;
  std::uint64_t php_us = 0;
  std::uint32_t generation = 0;
  std::uint64_t ready_us = 0;  // what it took to make the worker ready, before the event
};

struct Served {
  event::Outcome outcome;
  EventUsage usage;
};

class Slot : private base::Pinned {
 public:
  Slot() = default;
  virtual ~Slot() = default;

  // Serves one event on the calling thread; returns when there is something to answer, or when all
  // of the answer has been written to `stream`.
  virtual Served serve(const event::Invocation& invocation, event::AnswerStream& stream) = 0;

  // May be called, once, between serve() and renew(), when the answer has left and Lambda's word on
  // it has not come: starts what the next event needs and nothing has to be waited for.
  virtual void begin_renewal() {}

  // Called with the answer posted: retires the used worker and makes the next one ready. When
  // it returns, nothing of the last event runs any more. An error means no event can be served
  // here.
  virtual base::Status renew() = 0;
};

class Strategy : private base::Pinned {
 public:
  Strategy() = default;
  virtual ~Strategy() = default;

  // Boots what events need. A failure is reported to Lambda as an init error.
  virtual std::optional<event::Failure> boot() = 0;
  // `index` counts from 0 to Settings::slots - 1. Called after boot(), from the slot's thread.
  virtual base::Result<std::unique_ptr<Slot>> open_slot(unsigned index) = 0;
  // Ends every process. All slots are closed by then.
  virtual void shut_down() = 0;
};

}  // namespace phork::strategies
