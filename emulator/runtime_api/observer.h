// SPDX-License-Identifier: MIT
//
// Learns of what happens in the Runtime API of an environment.
#pragma once

#include <string>

#include "emulator/event/event.h"
#include "emulator/event/fault.h"
#include "emulator/http/connection.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

// Notified of events of the Runtime API, on the thread where they happen, without locks held.
class RuntimeObserver : private base::Pinned {
 public:
  RuntimeObserver() = default;
  virtual ~RuntimeObserver() = default;

  // True if a process of the runtime has the other end of the connection. Nobody else may call.
  virtual bool is_runtime(const TcpEnds& /*ends*/) { return true; }

  // The first `next` of a process.
  virtual void init_done() {}

  // The runtime waits for the restore of a snapshot, which restore() ends.
  virtual void awaits_restore() {}

  // The runtime has posted to init/error or restore/error; this is the body.
  virtual void init_failed(const std::string& /*body*/) {}

  // The runtime is about to receive the event.
  virtual void handed_out(const std::string& /*request_id*/) {}

  // The caller is about to receive the answer; the runtime has not asked for another event.
  virtual void answered() {}

  // The runtime, too, is done with the event, and has not received another.
  virtual void finished(const EventRecord& /*record*/) {}

  // The runtime has asked for an event and had to wait; one may have arrived since.
  virtual void parked() {}

  // The observer is to freeze or kill the processes as `fault` says, or, for a timeout, to look at
  // deadline() again.
  virtual void fault_due(const Fault& /*fault*/) {}
};

}  // namespace phork::emulator
