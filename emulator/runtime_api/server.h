// SPDX-License-Identifier: MIT
//
// The Runtime API 2018-06-01 for one environment, on a loopback port of its own. Takes events from
// the dispatcher when the runtime asks for `next`, and returns what it answers; measures on the
// way. Works without any process behind it: whoever speaks HTTP to the port is the runtime. A
// `next` that must wait occupies no lock: its connection is parked, and the thread that brings an
// event answers. A streamed response is passed on by the thread of its connection, which reads no
// faster than the caller does. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/event/dispatcher.h"
#include "emulator/event/event.h"
#include "emulator/http/server.h"
#include "emulator/runtime_api/event_under_way.h"
#include "emulator/runtime_api/fault_injector.h"
#include "emulator/runtime_api/post_verdict.h"
#include "emulator/runtime_api/runtime_state.h"
#include "emulator/runtime_api/stream_relay.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::emulator {

// The longest event that Lambda hands out.
inline constexpr std::size_t kMaxEventBytes = 6'291'456;
// 200 MiB: the longest answer that it takes with streaming; post_verdict.h has the limits without.
inline constexpr std::size_t kMaxStreamedBytes = 209'715'200;

// Told what happens, on the thread where it happens and without locks held.
class RuntimeObserver : private base::Pinned {
 public:
  RuntimeObserver() = default;
  virtual ~RuntimeObserver() = default;

  // The first `next` of a process.
  virtual void init_done() {}

  // The body posted to init/error.
  virtual void init_failed(const std::string& /*body*/) {}

  // The runtime is about to get the event.
  virtual void handed_out(const std::string& /*request_id*/) {}

  // The caller is about to get the answer; the runtime has not asked for another event yet.
  virtual void answered() {}

  // The event is over for the runtime too; before it gets another one.
  virtual void finished(const EventRecord& /*record*/) {}

  // The runtime has asked for an event and there was none; one may have come by now.
  virtual void parked() {}

  // Its processes shall freeze or be killed, or its event has less time, as `fault` says.
  virtual void afflicted(const Fault& /*fault*/) {}
};

class RuntimeApiServer final : private HttpHandler, private IdleRuntime, private FaultTarget {
 public:
  struct Options {
    std::chrono::milliseconds timeout{3000};
    std::string function_arn;
    std::size_t max_streamed_bytes = kMaxStreamedBytes;
    FaultPlan* faults = nullptr;  // outlives the server
  };

  // `dispatcher` and `observer` outlive the server, and it outlives every submit to the dispatcher.
  RuntimeApiServer(Dispatcher& dispatcher, RuntimeObserver& observer, Options options);

  ~RuntimeApiServer() override { stop(); }

  base::Status start(std::uint16_t port = 0) { return server_.start(port); }

  void stop();

  // What goes into AWS_LAMBDA_RUNTIME_API.
  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }

  // A new process takes over the role of the runtime.
  void process_started();
  // The runtime is gone; an event it had not answered ends with this error.
  void process_ended(Ending ending, std::string_view error_type, std::string_view message);
  // The runtime gets no more events: it gives them back, and end_if_idle() ends it once it asks.
  void retire();
  bool retiring() const;
  // Ends the role of a runtime that waits for an event. False when it does not: it has one.
  bool end_if_idle();
  // What the next event waited for since then was the runtime's init, which counts as its own.
  void charge_from(Clock::time_point init_started);
  RuntimeState state() const;
  // Of the event under way, until the runtime asks for the next one.
  std::optional<Clock::time_point> deadline() const;

 private:
  std::size_t body_limit(const HttpRequest& head) const override;
  void handle(HttpRequest request, HttpConnection& connection) override;
  bool opens(const HttpRequest& head) const override;
  void handle_open(const HttpRequest& head, HttpBody& body, HttpConnection& connection) override;
  void closed(HttpConnection& connection) override;
  std::optional<PendingEvent> deliver(PendingEvent pending) override;

  HttpReply fail_post(const Route& route, const Fault& fault) override;

  void afflict(const Fault& fault) override { observer_.afflicted(fault); }

  void next(HttpConnection& connection);
  void park(HttpConnection& connection);
  void init_error(const HttpRequest& request, HttpConnection& connection);
  HttpReply settle_post(const Route& route, std::string_view invocation_id,
                        const std::function<PostVerdict(const EventUnderWay&)>& judge);
  std::optional<HttpReply> refuse(const Route& route, std::string_view invocation_id) const;
  void finish_stream(EventId id, const RelayedStream& relayed, std::string_view content_type);
  EventResult judge(const RelayedStream& relayed, std::string_view content_type,
                    Clock::time_point now) const;
  std::vector<Fault> faults_of_event();
  std::chrono::milliseconds time_limit(const std::vector<Fault>& faults) const;

  Dispatcher& dispatcher_;
  RuntimeObserver& observer_;
  Options options_;

  mutable std::mutex mutex_;  // guards what follows; taken before sending_
  RuntimeState state_ = RuntimeState::kStarted;
  std::optional<EventUnderWay> current_;  // the event that the runtime got last
  std::optional<Clock::time_point> charge_from_;
  bool retiring_ = false;
  HttpConnection* parked_ = nullptr;  // waits in `next`

  std::mutex sending_;  // held while another thread than a connection's own sends on it
  FaultGate gate_;      // between the connections and this
  HttpServer server_;   // last, so that its threads end before what they use
};

}  // namespace phork::emulator
