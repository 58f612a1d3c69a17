// SPDX-License-Identifier: MIT
//
// Stands between the connections of a Runtime API server and the server itself, and makes go wrong
// what the plan says. What concerns a call alone it does itself: refusals, delays, lost
// connections. What changes the account of an event, or happens to the runtime's processes, it has
// done by the server. Called on the connections' threads.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "emulator/http/connection.h"
#include "emulator/runtime_api/fault_plan.h"
#include "emulator/runtime_api/protocol.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

// Whoever knows the event under way and the process.
class FaultTarget : private base::Pinned {
 public:
  FaultTarget() = default;
  virtual ~FaultTarget() = default;

  // Gives the event up as `fault` says. The reply to the runtime.
  virtual HttpReply fail_post(const Route& route, const Fault& fault) = 0;
  // Freezes or kills the processes of the runtime.
  virtual void afflict(const Fault& fault) = 0;
};

class FaultGate final : public HttpHandler {
 public:
  // All outlive the gate; without a plan everything passes.
  FaultGate(HttpHandler& server, FaultTarget& target, FaultPlan* plan)
      : server_(server), target_(target), plan_(plan) {}

  // What still waits for the process before is dropped.
  void process_started();
  void process_ended();

  std::size_t body_limit(const HttpRequest& head) const override;
  void handle(HttpRequest request, HttpConnection& connection) override;
  bool opens(const HttpRequest& head) const override;
  void handle_open(const HttpRequest& head, HttpBody& body, HttpConnection& connection) override;
  void closed(HttpConnection& connection) override;

 private:
  enum class Verdict : std::uint8_t { kPass, kDone };

  struct Call {
    const Route& route;
    HttpBody* body;  // null once it has been read
    HttpConnection& connection;
    std::uint64_t process;  // that calls, as process_ counts
  };

  Verdict strike(const HttpRequest& head, HttpBody* body, HttpConnection& connection);
  std::vector<Fault> due(RuntimeCall call);
  Verdict apply(const Fault& fault, const Call& call);
  bool pause(std::chrono::milliseconds duration, std::uint64_t process);
  std::uint64_t process();

  HttpHandler& server_;
  FaultTarget& target_;
  FaultPlan* const plan_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::uint64_t process_ = 0;  // counts up when one starts and when it ends
  bool fresh_ = true;          // the process has not asked for an event yet
};

}  // namespace phork::emulator
