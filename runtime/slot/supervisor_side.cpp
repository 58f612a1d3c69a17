// SPDX-License-Identifier: MIT
#include "runtime/slot/supervisor_side.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/result.h"
#include "runtime/slot/report.h"
#include "runtime/slot/worker_side.h"

namespace phork::slot {
namespace {

using std::chrono::nanoseconds;

base::Deadline time_of(std::int64_t ns) {
  // A claim from the worker: a time far away must not overflow in later sums.
  constexpr std::int64_t kFarthest = std::int64_t{1} << 61;
  return base::Deadline(nanoseconds(std::clamp<std::int64_t>(ns, 0, kFarthest)));
}

// Ids go into paths and log lines; Lambda's are of these characters.
std::string printable(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  return plain ? std::string(text) : std::string();
}

}  // namespace

SupervisorSide::SupervisorSide(SupervisorSide* first)
    : memory_(base::check(::memfd_create("phork-register", MFD_CLOEXEC), "slot: make memory")),
      timer_(base::check(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
                         "slot: make timer")),
      number_(first == nullptr ? 1 : 2) {
  // Datagrams: garbage that PHP code writes cannot run into a report.
  auto pair = base::make_socket_pair(SOCK_SEQPACKET);
  if (!pair) throw base::SystemError(errno, pair.error().text);
  reports_ = std::move(pair->first);
  their_reports_ = std::move(pair->second);
  base::check(::fcntl(reports_.get(), F_SETFL, O_NONBLOCK), "slot: make socket non-blocking");
  // Growing the file past this limit would end the process (SIGXFSZ).
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < sizeof(Page)) {
    throw base::SystemError(EFBIG, "slot: make the event register (RLIMIT_FSIZE)");
  }
  base::check(::ftruncate(memory_.get(), sizeof(Page)), "slot: size the memory");
  page_ = map_page(memory_.get());
  turn_ = first == nullptr ? &page_->turn : first->turn_;
}

SupervisorSide::~SupervisorSide() {
  ::munmap(page_, sizeof(Page));
}

std::vector<process::FdMapping> SupervisorSide::descriptors(int number) const {
  const auto mapping = [number](const base::Fd& ours, Descriptor theirs) {
    return process::FdMapping{ours.get(), number + static_cast<int>(theirs)};
  };
  return {mapping(memory_, Descriptor::kPage), mapping(timer_, Descriptor::kTimer),
          mapping(their_reports_, Descriptor::kReports)};
}

void SupervisorSide::begin_worker(base::Deadline limit) {
  page_->hard_ns = nanoseconds_of(limit);
  page_->leaves.store(0, std::memory_order_relaxed);
  // The last worker of this seat may have died with it.
  page_->turn.store(0, std::memory_order_release);
  page_->stage.store(Stage::kBooting, std::memory_order_release);
  arm_timer(timer_.get(), limit);
}

void SupervisorSide::give(const event::Invocation& invocation, const event::Deadlines& deadlines) {
  register_event(*page_, invocation, deadlines);
  arm_timer(timer_.get(), deadlines.soft);
}

Record SupervisorSide::read() const {
  Record record;
  record.read = std::chrono::steady_clock::now();
  record.has_turn = turn_->load(std::memory_order_acquire) == number_;
  const auto stage = page_->stage.load(std::memory_order_acquire);
  if (static_cast<std::size_t>(stage) >= kStages) return record;  // no worker of ours wrote it
  record.stage = stage;
  record.event = page_->event.load(std::memory_order_acquire);
  record.invocation.request_id = printable(page_->request_id.get());
  record.invocation.invocation_id = printable(page_->invocation_id.get());
  record.invocation.tenant_id = printable(page_->tenant_id.get());
  if (const std::uint32_t shape = page_->shape; shape != 0) record.shape = shape - 1;
  record.streams = page_->streams != 0;
  record.stream = page_->stream;
  record.taken = time_of(page_->taken_ns);
  record.soft = time_of(page_->soft_ns);
  record.hard = time_of(page_->hard_ns);
  return record;
}

pid_t SupervisorSide::orphan() {
  std::int32_t worker = kUnborn;
  page_->worker.compare_exchange_strong(worker, kNeverBorn);
  return worker > 0 ? worker : 0;
}

void SupervisorSide::silence_timer() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(timer_.get(), &count, sizeof count);
}

std::optional<base::Message> SupervisorSide::receive_report() {
  auto message = base::receive_message(reports_.get());
  if (!message) return std::nullopt;
  return std::move(message).value();
}

void SupervisorSide::give_turn() {
  turn_->store(number_, std::memory_order_release);
  wake_all(*turn_);
}

void SupervisorSide::pass_turn() {
  turn_->store(3 - number_, std::memory_order_release);
  wake_all(*turn_);
}

void SupervisorSide::end_turn() {
  page_->stage.store(Stage::kDone, std::memory_order_release);
  pass_turn();
}

void SupervisorSide::restored(base::Deadline limit) {
  page_->hard_ns = nanoseconds_of(limit);
  arm_timer(timer_.get(), limit);
  Stage stage = Stage::kSnapshot;
  if (page_->stage.compare_exchange_strong(stage, Stage::kBooting)) wake_all(page_->stage);
}

void SupervisorSide::resume(Stage stage) {
  if (stage == Stage::kHandedOver) forget_event(*page_);
  if (page_->stage.compare_exchange_strong(stage, Stage::kDone)) wake_all(page_->stage);
}

}  // namespace phork::slot
