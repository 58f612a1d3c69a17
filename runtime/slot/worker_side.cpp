// SPDX-License-Identifier: MIT
#include "runtime/slot/worker_side.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/socket_io.h"
#include "runtime/slot/report.h"

namespace phork::slot {
namespace {

using std::chrono::steady_clock;

// Of a descriptor that this process was started with; programs that PHP starts do not get it.
base::Fd take(int first, Descriptor which) {
  const int raw = first + static_cast<int>(which);
  base::check(::fcntl(raw, F_SETFD, FD_CLOEXEC), "slot: take an inherited descriptor");
  return base::Fd(raw);
}

// True when all that was written to this pipe has been read, or it is no pipe.
bool drained(int pipe) {
  int unread = 0;
  if (::ioctl(pipe, FIONREAD, &unread) == -1) return errno != EBADF;
  return unread == 0;
}

bool holds_event(const Page& page) {
  const Stage stage = page.stage.load(std::memory_order_acquire);
  return stage >= Stage::kTaken && stage <= Stage::kAnswered;
}

// False when the supervisor is gone, which is looked for after a sleep alone.
template <typename Value, typename Condition>
bool sleep_until(const WorkerSide& worker, const std::atomic<Value>& word, Condition holds) {
  for (bool first = true;; first = false) {
    const Value now = word.load(std::memory_order_acquire);
    if (holds(now)) return true;
    if (!first && worker.is_alone()) return false;
    sleep_on(word, now);
  }
}

}  // namespace

WorkerSide::WorkerSide(int first_descriptor, WorkerSide* first)
    : page_(map_page(take(first_descriptor, Descriptor::kPage).get())),
      timer_(take(first_descriptor, Descriptor::kTimer)),
      reports_(take(first_descriptor, Descriptor::kReports)),
      number_(first == nullptr ? 1 : 2),
      turn_(first == nullptr ? page_->turn : first->turn_) {
  if (first == nullptr) return;
  other_ = first->page_;
  first->other_ = page_;
}

WorkerSide::~WorkerSide() {
  ::munmap(page_, sizeof(Page));
}

void WorkerSide::booting(base::Deadline limit) {
  page_->hard_ns = nanoseconds_of(limit);
  set(Stage::kBooting);
  arm_timer(timer_.get(), limit);
}

bool WorkerSide::await_turn() const {
  return sleep_until(*this, turn_, [this](std::uint32_t holder) {
    // The other seat's PHP code may have written this seat's number.
    return holder == number_ && (other_ == nullptr || !holds_event(*other_));
  });
}

bool WorkerSide::has_turn() const {
  return turn_.load(std::memory_order_acquire) == number_;
}

void WorkerSide::pass_turn() {
  slot::pass_turn(turn_, number_, 3 - number_);
}

Stage WorkerSide::stage() const {
  return page_->stage.load(std::memory_order_acquire);
}

bool WorkerSide::has_event() const {
  return holds_event(*page_);
}

void WorkerSide::waiting() {
  forget_event(*page_);
  set(Stage::kWaiting);
}

bool WorkerSide::is_alone() const {
  pollfd supervisor{reports_.get(), 0, 0};
  return ::poll(&supervisor, 1, 0) != 0;
}

void WorkerSide::taken(const event::Invocation& invocation, const event::Deadlines& deadlines) {
  taken_ = steady_clock::now();
  answered_ = {};
  logged_ = false;
  register_event(*page_, invocation, deadlines);
  arm_timer(timer_.get(), deadlines.soft);
}

event::Deadlines WorkerSide::given() {
  const auto time = [](std::int64_t ns) { return base::Deadline(std::chrono::nanoseconds(ns)); };
  taken_ = time(page_->taken_ns);
  return {time(page_->soft_ns), time(page_->hard_ns)};
}

void WorkerSide::has_shape(unsigned shape) {
  page_->shape = shape + 1;
}

void WorkerSide::answering(bool streams) {
  page_->streams = streams ? 1 : 0;
  set(Stage::kAnswering);
}

void WorkerSide::streams_by(int socket) const {
  const std::array<int, 1> passed{socket};
  // Without the supervisor the stream goes on all the same.
  static_cast<void>(base::send_message(reports_.get(), encode(StreamReport{}), passed));
}

void WorkerSide::answered() {
  if (answered_ != base::Deadline()) return;
  answered_ = steady_clock::now();
  set(Stage::kAnswered);
  if (zygote_ != 0) ::kill(zygote_, SIGCHLD);
}

// The pipes first: what the supervisor has taken out of them it has announced before.
bool WorkerSide::all_read() const {
  return !logged_ && drained(STDOUT_FILENO) && drained(STDERR_FILENO) &&
         page_->reads.load(std::memory_order_acquire) == 0;
}

bool WorkerSide::settle() {
  return disarm() && (all_read() || sleep_at(Stage::kHandedOver));
}

bool WorkerSide::disarm() const {
  return disarm_timer(timer_.get());
}

void WorkerSide::arm_again() const {
  arm_timer(timer_.get(), base::Deadline(std::chrono::nanoseconds(page_->soft_ns)));
}

void WorkerSide::tell_cost(CostReport cost) const {
  cost.latency = std::chrono::duration_cast<std::chrono::microseconds>(answered_ - taken_);
  send(encode(cost));
}

bool WorkerSide::send(const std::string& report) const {
  while (::send(reports_.get(), report.data(), report.size(), MSG_NOSIGNAL) == -1) {
    if (errno != EINTR) return false;
  }
  return true;
}

bool WorkerSide::log(const base::LogRecord& record) {
  logged_ = true;
  return send(encode(record));
}

bool WorkerSide::sleep_at(Stage at) {
  set(at);
  if (!send(encode(TurnReport{}))) return false;
  return sleep_until(*this, page_->stage, [at](Stage now) { return now != at; });
}

void WorkerSide::leave() {
  if (all_read()) {
    forget_event(*page_);
    set(Stage::kDone);
    pass_turn();
    return;
  }
  set(Stage::kHandedOver);
  // Without the supervisor's help the turn stays here, and the zygote reports that.
  if (!send(encode(TurnReport{}))) set(Stage::kDone);
}

bool WorkerSide::has_to_leave() const {
  return page_->leaves.load(std::memory_order_relaxed) != 0;
}

void WorkerSide::say_leave() {
  page_->leaves.store(1, std::memory_order_relaxed);
}

void WorkerSide::reconnected() {
  page_->reconnected.store(1, std::memory_order_relaxed);
}

bool WorkerSide::has_reconnected() const {
  return page_->reconnected.load(std::memory_order_relaxed) != 0;
}

void WorkerSide::begin_worker() {
  page_->reconnected.store(0, std::memory_order_relaxed);
  page_->leaves.store(0, std::memory_order_relaxed);
  page_->worker.store(kUnborn, std::memory_order_relaxed);
  ready();
}

bool WorkerSide::is_born() {
  std::int32_t worker = kUnborn;
  return page_->worker.compare_exchange_strong(worker, ::getpid());
}

void WorkerSide::close() {
  timer_.reset();
  reports_.reset();
}

void WorkerSide::forget() {
  close();
  [[maybe_unused]] void* const empty =
      ::mmap(page_, sizeof(Page), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

void WorkerSide::take_numbers_of(WorkerSide& other) {
  const auto move = [](base::Fd& from, base::Fd& to) {
    // Also closes what the number stood for.
    ::dup3(from.get(), to.get(), O_CLOEXEC);
    from = std::move(to);
  };
  move(timer_, other.timer_);
  move(reports_, other.reports_);
}

}  // namespace phork::slot
