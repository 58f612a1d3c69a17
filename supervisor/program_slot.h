// SPDX-License-Identifier: MIT
//
// A slot whose workers are programs of their own (strategies inprocess, exec and prespawn). Starts
// them, and gives the turn to the next one when the last has ended and its output has been read.
// Under exec it asks Lambda for the event, and starts a worker for it. The loop's thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runtime/lambda/http_runtime_api.h"
#include "supervisor/workers.h"

namespace phork::supervisor {

class ProgramSlot final : public Workers, public SeatOwner {
 public:
  // Throws base::SystemError.
  ProgramSlot(const Surroundings& surroundings, unsigned index, Callbacks callbacks);
  ~ProgramSlot() override;

  void start() override;
  void look_for_stopped() override;

 private:
  struct Member {
    std::unique_ptr<Seat> seat;
    std::unique_ptr<process::Process> process;
    std::unique_ptr<Watch> end_watch;
    bool awaits_restore = false;
    bool is_ready = false;
    unsigned number = 0;  // they serve in this order
  };

  void begin_restore() override;
  void begin_serving() override;
  void wind_down() override;
  bool has_processes() const override;
  void signal(Seat& seat, int number, const slot::Record& seen) override;
  void settled(Seat& seat) override;
  void awaits_restore(Seat& seat) override;
  void became_ready(Seat& seat) override;

  void has_cost(Seat& /*seat*/, BilledEvent event) override {
    around_.trace(index_, *event.cost());
    billed_ = std::move(event);
  }

  void asks(Seat& /*seat*/) override { billed_.end(around_.config); }

  Member& member_of(const Seat& seat);
  // Starts workers where there are none, and lets one of them go on.
  void go_on();
  // False when one could not be started; it is tried again.
  bool start_members();
  base::Status start_member(Member& member);
  std::vector<std::string> arguments() const;
  void on_end(Member& member);

  // Under exec.
  void ask();
  void on_reply();
  base::Status give(Member& member, const event::Invocation& invocation);
  void refuse(const event::Invocation& invocation, const base::Error& error);
  void fail(const base::Error& error);

  const strategies::Workers kind_;
  const unsigned index_;
  std::vector<Member> members_;
  Member* holder_ = nullptr;  // of the turn
  BilledEvent billed_;
  unsigned started_ = 0;
  unsigned fruitless_ = 0;

  std::unique_ptr<lambda::HttpRuntimeApi> api_;
  std::unique_ptr<Watch> reply_watch_;
  base::Fd reply_;  // all bytes of the reply, for the worker
};

}  // namespace phork::supervisor
