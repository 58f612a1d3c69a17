// SPDX-License-Identifier: MIT
//
// Sends the spans of boot, restore, event and refill, from a thread of its own: to X-Ray's daemon
// by UDP, or to an OpenTelemetry collector by HTTP. No event waits for it, and a receiver that is
// away or slow costs spans only. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "runtime/base/pinned.h"
#include "runtime/tracing/receiver.h"
#include "runtime/tracing/span.h"

namespace phork::tracing {

// An event that was served, as its worker measured it.
struct ServedEvent {
  std::string_view trace;  // a header that read_context() knows
  std::string_view request_id;
  std::string_view strategy;
  Moment asked{};  // when its slot asked for it; the epoch where that is unknown
  Moment taken;
  std::chrono::microseconds latency{};
  bool failed = false;
  std::uint64_t php_us = 0;
  std::uint32_t minor_faults = 0;
  std::uint32_t generation = 0;
  std::uint64_t ready_us = 0;  // start or fork of its process to its being ready
};

class Tracer : private base::Pinned {
 public:
  // The environment begins to boot.
  explicit Tracer(Receiver receiver);
  // Sends what is left. Gives up after kEndTime: Lambda ends a shutdown that takes longer.
  ~Tracer();

  static constexpr std::chrono::milliseconds kEndTime{200};

  // SnapStart: the boot is over, and the environment waits for its restore, for any time. Then: it
  // goes on. Both before there is a slot that serves.
  void await_restore();
  void restored();

  // Makes a span of the event, if its trace is sampled; one of the slot's refill before it, which
  // belongs to the trace of the event before; and with the first event one of the boot, and one of
  // the restore where there was one.
  void served(unsigned slot, const ServedEvent& event);

 private:
  struct Last {
    TraceContext context;
    Moment end;
  };

  // Shared with the thread, which may outlive this.
  struct Queue;

  static void run(const std::shared_ptr<Queue>& queue, const Receiver& receiver);

  void add_start(const TraceContext& context, Moment asked);

  const Moment began_;
  std::optional<Moment> boot_ended_;
  std::optional<Moment> restored_;
  std::shared_ptr<Queue> queue_;

  std::mutex mutex_;               // guards what follows
  std::map<unsigned, Last> last_;  // by slot; only of sampled traces
  bool boot_told_ = false;

  std::thread thread_;
};

}  // namespace phork::tracing
