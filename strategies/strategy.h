// SPDX-License-Identifier: MIT
//
// The interface between the supervisor and processes that do not speak Lambda's Runtime API
// themselves: php-fpm's. Such a strategy boots once and opens slots. A slot belongs to one thread
// and serves one event at a time:
//
//   boot -> open_slot -> ( serve -> [the answer is posted] -> renew )*  -> shut_down
//
// PHP may loop, crash, fork or write garbage: serve() returns exactly one outcome all the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/base/settings.h"
#include "runtime/event/invocation.h"
#include "runtime/http/script_routing.h"

namespace phork::strategies {

// The configuration of bootstrap, as far as strategies need it.
struct Settings {
  std::string worker_path;      // the program php-worker
  http::ScriptRouting routing;  // of the PHP file that _HANDLER names
  std::string entry_function;   // the function in it; "" when the file itself is the entry
  base::EntryKind entry_kind = base::EntryKind::kAuto;
  std::string preboot_file;  // runs before the entry; "" when there is none
  bool streams = false;      // an answer is sent while PHP produces it
  unsigned slots = 1;
  unsigned spares = 1;  // booted programs per slot (prespawn)
  // PHP is ended this long before the event's deadline, so that there is time to answer.
  std::chrono::milliseconds deadline_margin{200};
  std::chrono::seconds boot_timeout{60};
  base::Refill refill = base::Refill::kBefore;  // never kAuto
};

// The cost of an event, as far as the strategy knows it.
struct EventUsage {
  std::uint32_t minor_faults = 0;
  std::uint64_t php_us = 0;
  std::uint32_t generation = 0;  // of the zygote, or of php-fpm's master
  std::uint64_t ready_us = 0;    // spent on making the worker ready, before the event
};

struct Served {
  event::Outcome outcome;
  EventUsage usage;
};

class Slot : private base::Pinned {
 public:
  Slot() = default;
  virtual ~Slot() = default;

  // Serves one event on the calling thread. Returns when there is an answer.
  virtual Served serve(const event::Invocation& invocation) = 0;

  // Called when the answer is posted. Retires the used worker and makes the next one ready; nothing
  // of the last event runs when it returns. After an error the slot cannot serve any more.
  virtual base::Status renew() = 0;

  // Ends the worker and makes another one ready, which begins now: after the restore of a snapshot.
  virtual base::Status replace_worker(base::Deadline deadline) = 0;
};

class Strategy : private base::Pinned {
 public:
  Strategy() = default;
  virtual ~Strategy() = default;

  // Boots whatever all slots share. A failure is reported to Lambda as an init error.
  virtual std::optional<event::Failure> boot() = 0;
  // `index` counts from 0 to Settings::slots - 1. Called once for each, after boot(), before any
  // slot serves.
  virtual base::Result<std::unique_ptr<Slot>> open_slot(unsigned index) = 0;
  // A child of this process has ended or was stopped: lets those go on that an event has stopped.
  // From the thread that booted.
  virtual void look_for_stopped() = 0;
  // Ends every process. The slots are closed before.
  virtual void shut_down() = 0;
};

}  // namespace phork::strategies
