// SPDX-License-Identifier: MIT
//
// All slots of the strategies fork and rollback: their workers are children of one zygote, two
// seats to a slot, which pass the slot's turn to one another. As long as children end well, nothing
// happens here. A new zygote boots beside the old one after crashes or PHORK_MAX_EVENTS, and takes
// the seats over one by one; when a zygote dies, its children live on, and another zygote boots.
// The loop's thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "supervisor/workers.h"
#include "supervisor/zygote.h"

namespace phork::supervisor {

class ForkedSlots final : public Workers, public SeatOwner {
 public:
  // Throws base::SystemError.
  ForkedSlots(const Surroundings& surroundings, Callbacks callbacks);
  ~ForkedSlots() override;

  void start() override;
  void look_for_stopped() override;

 private:
  struct Place {
    std::unique_ptr<Seat> seat;
    std::uint32_t slot = 0;
    std::uint32_t number = 0;  // of the seat in its slot
    Zygote* zygote = nullptr;  // has the seat
    pid_t adopted = 0;         // a child whose zygote is gone
    base::Fd adopted_pidfd;
    std::unique_ptr<Watch> adopted_watch;
    std::unique_ptr<Watch> limit;  // for what its zygote owes
  };

  void begin_restore() override;
  void begin_serving() override;
  void wind_down() override;
  bool has_processes() const override;
  void signal(Seat& seat, int number, const slot::Record& seen) override;
  void settled(Seat& seat) override;
  void is_over(Seat& seat) override;

  void has_cost(Seat& seat, BilledEvent event) override;

  void asks(Seat& seat) override;

  Place& place_of(const Seat& seat);
  Place& other_of(const Place& place);

  BilledEvent& billed_of(const Seat& seat) { return billed_[place_of(seat).slot]; }

  void start_zygote();
  void on_message(Zygote& zygote, const slot::ZygoteMessage& message);
  void on_snapshot(Zygote& zygote);
  void on_restored(Zygote& zygote);
  void on_booted(Zygote& zygote);
  void on_seat_back(Place& place, int wait_status);
  void on_zygote_end(Zygote& zygote, process::ExitStatus status);
  void on_zygote_lost(const Zygote& zygote);
  std::unique_ptr<Zygote> remove(const Zygote& zygote);
  void boot_failed(Zygote& zygote, const event::Failure& failure);
  void refresh();
  // Kills the place's zygote if this is still so after a while.
  void limit_zygote(Place& place, std::function<bool()> is_owed);

  bool adopt(Place& place);
  static void signal_adopted(const Place& place, int number);
  static void stop_adopted(const Place& place);
  void on_adopted_end(Place& place);
  void end_adopted(Place& place, const std::optional<process::ExitStatus>& status);

  void end_worker(Place& place, const std::optional<process::ExitStatus>& status);
  void give(Place& place);

  std::vector<Place> places_;        // two of each slot
  std::vector<BilledEvent> billed_;  // by slot

  struct History {
    std::uint32_t events = 0;  // when a worker last ended badly
    unsigned fruitless = 0;
  };

  std::vector<History> histories_;  // by slot
  std::vector<base::Fd> their_outputs_;
  std::vector<process::FdMapping> descriptors_;
  std::vector<std::unique_ptr<Zygote>> zygotes_;
  Zygote* current_ = nullptr;  // booted, forks
  std::uint32_t generation_ = 0;
  unsigned crashes_ = 0;       // since the current zygote took over
  unsigned killed_boots_ = 0;  // of replacements, in a row
};

}  // namespace phork::supervisor
