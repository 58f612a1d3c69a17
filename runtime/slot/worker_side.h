// SPDX-License-Identifier: MIT
//
// A worker's side of its seat: writes the event register (page.h), arms the timer that the
// supervisor polls, sends reports (report.h). PHP's one thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <sys/types.h>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/base/pinned.h"
#include "runtime/event/invocation.h"
#include "runtime/slot/page.h"

namespace phork::slot {

// The descriptors of a seat, in this order. A worker that is a program of its own is started with
// the first three, from kFirstDescriptor on; a zygote with all of each seat.
inline constexpr int kFirstDescriptor = 3;
enum class Descriptor : int { kPage, kTimer, kReports, kOutput, kError };
inline constexpr int kProgramDescriptors = static_cast<int>(Descriptor::kReports) + 1;
inline constexpr int kSeatDescriptors = static_cast<int>(Descriptor::kError) + 1;

struct CostReport;

class WorkerSide : private base::Pinned {
 public:
  // Takes descriptors that this process was started with, and closes the page's: no PHP code can
  // reach the register by one. With `first`, this is the second of two seats. Throws SystemError.
  explicit WorkerSide(int first_descriptor = kFirstDescriptor, WorkerSide* first = nullptr);
  ~WorkerSide();

  // Not booted, or not ready, by `limit`: the supervisor kills this process.
  void booting(base::Deadline limit);

  void ready() { set(Stage::kReady); }

  // Booted: sleeps until a snapshot's restore. False as settle().
  bool await_restore() { return sleep_at(Stage::kSnapshot); }

  // Sleeps until this seat has the turn, and the other one no event. False: no supervisor is left.
  bool await_turn() const;

  bool has_turn() const;
  void pass_turn();  // to the other one of two seats, if this one has it

  Stage stage() const;
  bool has_event() const;  // whose code may be running

  // About to ask: sleeps until the last event's cost is in the log. False as settle().
  bool announce() { return sleep_at(Stage::kAnnouncing); }

  bool disarm() const;  // whose state would differ
  // For the last event's deadline, when the supervisor looks for another worker.
  void arm_again() const;

  void waiting();
  // Registers the event and starts its clock.
  void taken(const event::Invocation& invocation, const event::Deadlines& deadlines);
  // The deadlines of an event that the supervisor has registered; starts its clock here, too.
  event::Deadlines given();
  // `shape` of an HTTP event as a number (http::EventShape).
  void has_shape(unsigned shape);
  // The answer, or the first part of a stream, is about to leave.
  void answering(bool streams);

  // The stream leaves by `socket`, a connection that this seat's mark is set for: with a copy of it
  // the supervisor can end the stream for a worker that is killed.
  void streams_by(int socket) const;

  lambda::StreamMark& stream_mark() { return page_->stream; }

  // All of a stream is made, and no PHP code runs.
  void closing() { set(Stage::kClosing); }

  // The answer is posted. Only the first call for an event counts.
  void answered();

  // The event is over, and this worker goes on. If its output and lines have not been read yet,
  // sleeps until they have, so that a line is tagged with its own event and not late. False when
  // PHP code has closed or replaced this seat's descriptors: the process cannot serve another one.
  bool settle();
  // Tells what the event cost; sets the latency. What is billed ends when the next one is asked
  // for.
  void tell_cost(CostReport cost) const;
  // The event is over, and this worker ends: its seat's turn goes to the other one of two, at once
  // or, when the supervisor has output to read before, by the supervisor.
  void leave();

  // A worker that serves many events has to end before the next.
  bool has_to_leave() const;
  void say_leave();

  // The slot's connection to Lambda has ended, and this worker uses another one.
  void reconnected();
  bool has_reconnected() const;

  // A part of a streamed answer may have left in the last event.
  bool has_streamed() const { return page_->streams != 0; }

  // Of this seat so far.
  std::uint32_t events() const { return page_->event.load(std::memory_order_relaxed); }

  // In a worker of this seat, and in one of the other.
  void take_numbers_of(WorkerSide& other);
  void close();
  // In a worker of another slot: also leaves nothing of the register, but empty memory in its
  // place, as the zygote has its children touch pages.
  void forget();
  // In a zygote, before it forks a worker for this seat.
  void begin_worker();
  // In that worker, first of all. False: the supervisor has given up on it, and it has to end.
  bool is_born();

  // In that worker: answered() wakes the zygote, which then forks for the other seat.
  void wakes(pid_t zygote) { zygote_ = zygote; }

  // The supervisor is gone, or PHP code has closed the socket.
  bool is_alone() const;
  // Sends a report; waits while the supervisor is behind. False when there is none: is_alone().
  bool send(const std::string& report) const;
  bool log(const base::LogRecord& record);

 private:
  bool all_read() const;
  bool sleep_at(Stage stage);

  void set(Stage stage) { page_->stage.store(stage, std::memory_order_release); }

  Page* page_ = nullptr;
  base::Fd timer_;
  base::Fd reports_;
  std::uint32_t number_;
  std::atomic<std::uint32_t>& turn_;
  const Page* other_ = nullptr;  // of the other one of two seats
  base::Deadline taken_{};
  base::Deadline answered_{};
  bool logged_ = false;  // in this event
  pid_t zygote_ = 0;
};

}  // namespace phork::slot
