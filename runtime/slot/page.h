// SPDX-License-Identifier: MIT
//
// The event register of a seat, the place of one worker: shared memory in which the worker writes
// where its event stands, and from which the supervisor reads when the worker ends, is late, or
// prints a line. A good event costs no message. A slot has one seat or more, and one turn, which
// goes from seat to seat. The worker runs PHP code, so to the supervisor every byte here is a
// claim: it decides only which error is posted for which request id, and the Runtime API refuses an
// id that is not under way.
#pragma once

#include <array>
#include <atomic>
#include <climits>
#include <cstdint>
#include <ctime>
#include <linux/futex.h>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/base/io.h"
#include "runtime/event/invocation.h"
#include "runtime/lambda/cut_stream.h"

namespace phork::slot {

enum class Stage : std::uint32_t {
  kBooting,     // no event can be lost; also runs hooks of Phork\onRestore
  kSnapshot,    // booted; a snapshot of the environment may be made, and it waits for a restore
  kReady,       // booted; waits for its turn
  kAnnouncing,  // about to ask for an event; waits until the last one's cost is in the log
  kWaiting,     // asks for an event; one that was on its way is handed out again
  kTaken,       // has an event
  kAnswering,   // sends the answer, which may have arrived
  kClosing,     // PHP is through; the rest of a streamed answer is on its way
  kAnswered,    // the answer is posted; PHP code may still run
  kHandedOver,  // the supervisor reads the output, then says who goes on
  kDone,        // the event is over, and nothing of it is left
};

inline constexpr std::size_t kStages = static_cast<std::size_t>(Stage::kDone) + 1;

// A text of limited length; a longer one is cut.
template <std::size_t kMost>
struct SharedText {
  std::uint32_t size;
  std::array<char, kMost> bytes;

  void set(std::string_view text) {
    const std::string_view kept = text.substr(0, kMost);
    kept.copy(bytes.data(), kept.size());
    size = static_cast<std::uint32_t>(kept.size());
  }

  // Never reads outside of `bytes`.
  std::string_view get() const { return {bytes.data(), size < kMost ? size : kMost}; }
};

// A worker that gets the first interrupts PHP, because its deadline is near; the second ends a
// worker when its event is over, or while it waits for one. Real-time signals, as PHP code has its
// own use for the others; the first is SIGRTMIN + 10 of glibc and musl alike.
inline constexpr int kInterruptSignal = 44;
inline constexpr int kStopSignal = 45;

// The longest request id that an event can have; Lambda's are UUIDs of 36 characters.
inline constexpr std::size_t kMostIdBytes = 512;

// Makes the timer readable at `deadline`; at once when that has passed. False when it is no timer.
bool arm_timer(int timer, base::Deadline deadline);
// The state of a disarmed timer is always the same.
bool disarm_timer(int timer);

std::int64_t nanoseconds_of(base::Deadline time);

// A zygote may die in the middle of a fork. The child and the supervisor then both change kUnborn,
// and whoever comes second knows that the other was first.
inline constexpr std::int32_t kUnborn = 0;
inline constexpr std::int32_t kNeverBorn = -1;

// As mapped. One worker writes at a time.
struct Page {
  // The number of the seat that has the turn; its worker alone may ask for events (futex). Two
  // seats that pass the turn to one another use the word of the first.
  std::atomic<std::uint32_t> turn;
  std::atomic<Stage> stage;           // a worker that handed over and goes on sleeps on it (futex)
  std::atomic<std::uint32_t> event;   // counts the events; 0 before the first
  std::atomic<std::uint32_t> leaves;  // 1: a worker that serves many events ends after this one
  std::atomic<std::uint32_t> reconnected;  // 1: the worker found its connection ended
  // 1: the supervisor reads output, or has read the beginning of a line. Set before it reads.
  std::atomic<std::uint32_t> reads;
  std::atomic<std::int32_t> worker;  // of a zygote's child: its pid, kUnborn or kNeverBorn

  // Of the event, written before kTaken. The shape of an HTTP event is 1 + http::EventShape.
  std::uint32_t shape;
  std::uint32_t streams;      // 1 once a part of a streamed answer may have left
  lambda::StreamMark stream;  // how far it has come
  std::int64_t taken_ns;
  std::int64_t soft_ns;
  std::int64_t hard_ns;  // also while booting
  SharedText<kMostIdBytes> request_id;
  SharedText<kMostIdBytes> invocation_id;
  SharedText<kMostIdBytes> tenant_id;
};

// The texts of the event are no longer needed; the next one's code may have the memory.
void forget_event(Page& page);

// Writes an event into the register, with kTaken at the end.
void register_event(Page& page, const event::Invocation& invocation,
                    const event::Deadlines& deadlines);

// Throws base::SystemError.
Page* map_page(int memory);

// Sleeps until `word` may have changed from `value`, but no longer than a second: whoever was to
// change it may be gone. https://man7.org/linux/man-pages/man2/futex.2.html
template <typename Value>
void sleep_on(const std::atomic<Value>& word, Value value) {
  static_assert(sizeof(word) == sizeof(std::uint32_t));
  constexpr timespec kLongest{1, 0};
  ::syscall(SYS_futex, &word, FUTEX_WAIT, static_cast<std::uint32_t>(value), &kLongest, nullptr, 0);
}

template <typename Value>
void wake_all(std::atomic<Value>& word) {
  ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

// The turn goes from one seat to another, if the first still has it.
void pass_turn(std::atomic<std::uint32_t>& turn, std::uint32_t from, std::uint32_t to);

static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(sizeof(Page) <= 4096);

}  // namespace phork::slot
