// SPDX-License-Identifier: MIT
//
// The Runtime API 2018-06-01 for one environment, on a loopback port of its own. Takes an event
// from the dispatcher when the runtime asks for `next`, passes its answer back, and measures both.
// Starts no process: the client that speaks to the port is the runtime, if the observer says so. A
// `next` that must wait holds no lock: its connection is parked, and the thread that brings an
// event sends the reply. The thread of the connection forwards a streamed response, no faster than
// the caller reads. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/event/dispatcher.h"
#include "emulator/event/event.h"
#include "emulator/extensions/extensions_api.h"
#include "emulator/http/server.h"
#include "emulator/runtime_api/credentials.h"
#include "emulator/runtime_api/event_under_way.h"
#include "emulator/runtime_api/fault_injector.h"
#include "emulator/runtime_api/lane.h"
#include "emulator/runtime_api/observer.h"
#include "emulator/runtime_api/protocol.h"
#include "emulator/runtime_api/stream_relay.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class RuntimeApiServer final : private HttpHandler, private LaneOwner, private FaultTarget {
 public:
  struct Options {
    std::chrono::milliseconds timeout{3000};
    std::string function_arn;
    // Events at a time. With more than one, as on Managed Instances, an event that takes too long
    // does not end the process; its answer is refused (410).
    unsigned slots = 1;
    std::size_t max_streamed_bytes = kMaxStreamedBytes;
    FaultPlan* faults = nullptr;          // outlives the server
    ExtensionsApi* extensions = nullptr;  // likewise; null: the API has no extensions
    bool snap_start = false;              // else there is neither restore nor credentials endpoint
    AwsKeys keys{};                       // of that endpoint
  };

  // Borrows `dispatcher` and `observer`. No event may be submitted after the server is destroyed.
  RuntimeApiServer(Dispatcher& dispatcher, RuntimeObserver& observer, Options options);

  ~RuntimeApiServer() override { stop(); }

  base::Status start(std::uint16_t port = 0) { return server_.start(port); }

  void stop();

  // The value of AWS_LAMBDA_RUNTIME_API.
  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }

  // A new process becomes the runtime.
  void process_started();
  // The runtime has ended; an event that it has not answered ends with this error.
  void process_ended(Ending ending, std::string_view error_type, std::string_view message);
  // Lets a runtime go on that awaits a restore, with new credentials.
  void restore();
  // Where the runtime gets its credentials, and with what.
  std::string credentials_address() const;
  const std::string& credentials_token() const;
  // Gives the runtime no more events, so that end_if_idle() succeeds when it asks for the next one.
  void retire();
  bool retiring() const;
  // Declares a runtime that waits for an event ended. False when it is not waiting.
  bool end_if_idle();
  // Charges the next event for the time since `init_started`: the init belongs to it.
  void charge_from(Clock::time_point init_started);
  // The extensions may have finished: an init or event is over once the runtime and all of them
  // have asked for the next one.
  void extensions_changed();
  // Of the event under way; with several slots, kReady when all wait.
  RuntimeState state() const;

  std::size_t lanes_used() const { return lanes_used_; }  // the most `next` at once so far

  // The deadline of the event under way, until the runtime asks for the next one.
  std::optional<Clock::time_point> deadline() const;
  // With several slots: fails the events whose deadline has passed.
  void expire();

 private:
  bool admits(const HttpConnection& connection) override;
  std::size_t body_limit(const HttpRequest& head) const override;
  void handle(HttpRequest request, HttpConnection& connection) override;
  bool opens(const HttpRequest& head) const override;
  void handle_open(const HttpRequest& head, HttpBody& body, HttpConnection& connection) override;
  void closed(HttpConnection& connection) override;
  std::optional<PendingEvent> deliver(Lane& lane, PendingEvent pending) override;

  HttpReply fail_post(const Route& route, const Fault& fault) override;

  void inject(const Fault& fault) override { observer_.fault_due(fault); }

  void next(HttpConnection& connection);
  void go_on(Lane& lane);
  Lane& lane_for_next();
  Lane* find_lane(const Route& route, std::string_view invocation_id,
                  std::optional<HttpReply>& refused);
  bool expired(const Lane& lane) const;
  void withdraw_all();
  void restore_next(HttpConnection& connection);
  void take_snapshot();
  // Of the init, or of the restore.
  void start_error(RuntimeCall call, const HttpRequest& request, HttpConnection& connection);
  bool answer_beside(const HttpRequest& request, HttpConnection& connection) const;
  HttpReply settle_post(const Route& route, std::string_view invocation_id,
                        const std::function<PostVerdict(const EventUnderWay&)>& judge);
  void finish_stream(Lane& lane, EventId id, const RelayedStream& relayed,
                     std::string_view content_type);
  EventResult judge(const EventUnderWay& current, const RelayedStream& relayed,
                    std::string_view content_type, Clock::time_point now) const;
  InvokeNotice notice_of(const EventUnderWay& under_way) const;
  std::vector<Fault> faults_of_event();
  std::chrono::milliseconds time_limit(const std::vector<Fault>& faults) const;

  Dispatcher& dispatcher_;
  RuntimeObserver& observer_;
  Options options_;
  Credentials credentials_;

  mutable std::mutex mutex_;  // guards what follows; taken before sending_
  std::deque<Lane> lanes_;    // one or more; they stay where they are
  std::optional<Clock::time_point> charge_from_;
  bool retiring_ = false;
  bool snapshot_told_ = false;
  bool init_told_ = false;

  std::atomic<std::size_t> lanes_used_ = 0;  // mutex_ would wait for the fleet, which asks
  // Held while a thread sends on the connection of another thread.
  std::mutex sending_;
  FaultInjector injector_;  // between the connections and this server
  HttpServer server_;       // last, so that its threads end before the members that they use
};

}  // namespace phork::emulator
