// SPDX-License-Identifier: MIT
//
// Injects faults into the Runtime API: FaultPlan decides which faults are due, FaultInjector sits
// between a Runtime API server and its connections and applies them.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/event/fault.h"
#include "emulator/http/connection.h"
#include "emulator/observe/log_sink.h"
#include "emulator/runtime_api/protocol.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

// Counts the occurrences of each fault point over all environments, and logs each fault that
// becomes due. Owned by LocalLambda, used by the Runtime API servers of its environments. Any
// thread. Without faults at a point it counts nothing and takes no lock.
class FaultPlan {
 public:
  // `log` outlives the plan.
  FaultPlan(std::vector<Fault> faults, LogSink& log);

  bool has(FaultPoint point) const;
  bool has(FaultPoint point, FaultAction action) const;

  // Counts one occurrence of `point`. Returns the faults due at it, in the order of the request.
  std::vector<Fault> take(FaultPoint point);

 private:
  bool is_due(std::size_t index, std::uint64_t occurrence);

  const std::vector<Fault> faults_;
  LogSink& log_;
  std::mutex mutex_;  // guards what follows
  std::array<std::uint64_t, kFaultPoints> occurrences_{};
  std::vector<std::mt19937> dice_;  // one for each fault, with fixed seeds
};

// Applies the faults that need the event under way or the process: the Runtime API server.
class FaultTarget : private base::Pinned {
 public:
  FaultTarget() = default;
  virtual ~FaultTarget() = default;

  // Fails the event as `fault` says. Returns the reply to the runtime.
  virtual HttpReply fail_post(const Route& route, const Fault& fault) = 0;
  // Freezes or kills the processes of the runtime.
  virtual void inject(const Fault& fault) = 0;
};

// Applies refusals, delays and lost connections itself, and leaves the faults of events and
// processes to its FaultTarget. Called on the connections' threads.
class FaultInjector final : public HttpHandler {
 public:
  // Borrows its arguments. A null `plan` injects nothing.
  FaultInjector(HttpHandler& server, FaultTarget& target, FaultPlan* plan)
      : server_(server), target_(target), plan_(plan) {}

  // Both end the delays of calls of the previous process.
  void process_started();
  void process_ended();

  bool admits(const HttpConnection& connection) override { return server_.admits(connection); }

  std::size_t body_limit(const HttpRequest& head) const override;
  void handle(HttpRequest request, HttpConnection& connection) override;
  bool opens(const HttpRequest& head) const override;
  void handle_open(const HttpRequest& head, HttpBody& body, HttpConnection& connection) override;
  void closed(HttpConnection& connection) override;

 private:
  enum class Verdict : std::uint8_t { kPass, kDone };

  struct Call {
    const Route& route;
    HttpBody* body;  // null when it was read before
    HttpConnection& connection;
    std::uint64_t process;  // value of process_ when the call arrived
  };

  Verdict inject(const HttpRequest& head, HttpBody* body, HttpConnection& connection);
  std::vector<Fault> due(RuntimeCall call);
  Verdict apply(const Fault& fault, const Call& call);
  bool pause(std::chrono::milliseconds duration, std::uint64_t process);
  std::uint64_t process();

  HttpHandler& server_;
  FaultTarget& target_;
  FaultPlan* const plan_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::uint64_t process_ = 0;  // incremented at each start and end of a process
  bool fresh_ = true;          // the process has not asked for an event
};

}  // namespace phork::emulator
