// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/zygote.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

#include "php-worker/sapi/boot_log.h"
#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/interrupt.h"
#include "php-worker/sapi/learning/deployed_files.h"
#include "php-worker/sapi/learning/practice.h"
#include "php-worker/sapi/learning/rehearsal_item.h"
#include "php-worker/sapi/memory/zygote_memory.h"
#include "php-worker/sapi/modes/boot.h"
#include "php-worker/sapi/modes/event_service.h"
#include "php-worker/sapi/modes/lessons.h"
#include "php-worker/sapi/modes/one_event.h"
#include "php-worker/sapi/modes/snap_start.h"
#include "php-worker/sapi/rollback/rollback.h"
#include "php-worker/sapi/worker_script.h"
#include "php-worker/sapi/zygote/seal.h"
#include "php-worker/sapi/zygote/zygote.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/base/socket_io.h"
#include "runtime/lambda/variables.h"
#include "runtime/logging/log_writer.h"
#include "runtime/process/known_children.h"
#include "runtime/process/privacy.h"
#include "runtime/slot/zygote_message.h"

namespace phork::sapi {
namespace {

// For what hooks of Phork\onFork do in each child.
constexpr std::chrono::seconds kHookLimit{60};

event::Failure no_rollback(const base::Error& error) {
  return {"Runtime.RollbackUnavailable", error.text, {}};
}

// One generation: a booted application, and what is known about forking it.
class Generation {
 public:
  explicit Generation(const ZygoteOptions& options)
      : options_(options), seal_(base::value_of(base::settings::kFdPolicy)) {}

  std::optional<event::Failure> boot(char* executable);
  // When the environment has been restored from a snapshot.
  std::optional<event::Failure> go_on_restored();

  std::variant<Birth, ForkingEnd> fork_children(const base::Fd& control, std::vector<Slot>& slots);
  // In the zygote, when the environment ends.
  static void end_in_time();
  // Runs in a child, and ends it.
  [[noreturn]] void serve(const Birth& birth);

 private:
  // Lives until the process ends, as PHP does.
  static Booted& booted() {
    static Booted booted;
    return booted;
  }

  void log_ready() const;
  EventHeap event_heap() const;
  ForkWhen fork_when() const;
  // In a child, before it is ready.
  std::optional<event::Failure> enter();
  [[noreturn]] void serve_event(EventService& service, slot::WorkerSide& seat,
                                const std::optional<event::Failure>& failure);
  bool goes_on(const slot::WorkerSide& seat);

  const ZygoteOptions options_;
  Seal seal_;
  std::optional<Lessons> lessons_;
  std::optional<Rollback> rollback_;
  std::uint32_t first_event_ = 0;  // of a child under rollback
  std::uint64_t ready_us_ = 0;     // of a child
  std::optional<InheritedValues> values_;
};

std::optional<event::Failure> Generation::boot(char* executable) {
  if (options_.rolls_back) {
    Rollback::keep_blocks_in_heap();
    loop_in_copies();
  }
  if (auto failure = sapi::boot(booted(), executable, Warmup::kRehearsedToFork)) return failure;
  lessons_.emplace(base::value_of(base::settings::kLearn), event_heap());
  auto failure = seal_.close(booted().application, options_.generation,
                             [this] { return arrange_memory(event_heap()); });
  if (failure) return failure;
  start_clock().end_part("seal");
  lessons_->begin();
  const bool practised = practise(
      booted().application, booted().entry,
      {[this] { return !enter(); }, [this](std::uint32_t faults) { lessons_->report(faults); },
       [this] { return lessons_->take_over_now(); }});
  if (practised) lessons_->settle();
  start_clock().end_part("practice");
  if (options_.rolls_back) {
    // Its worker stays. A zygote's later children have time for this (lessons.h).
    base::log(base::LogLevel::kDebug, "php-worker: zygote: " + gather_opcache());
    auto prepared = Rollback::prepare();
    if (!prepared) return no_rollback(prepared.error());
    rollback_.emplace(std::move(prepared).value());
    start_clock().end_part("rollback");
  }
  start_clock().log();
  log_ready();
  return std::nullopt;
}

// The line for a person; the seal's, with all its figures, is at level DEBUG.
void Generation::log_ready() const {
  constexpr std::uint64_t kMicroseconds = 1000;
  std::string line = options_.rolls_back ? "rollback" : "fork";
  line += " ready in " + std::to_string(microseconds_since_start() / kMicroseconds) + " ms";
  std::string_view separator = ", rehearsed ";
  for (const std::string& item : split_rehearsal(base::variable("PHORK_WARMUP"))) {
    // The query may hold secrets.
    line.append(separator).append(item, 0, item.find('?'));
    separator = ", ";
  }
  base::log_info(line);
}

std::optional<event::Failure> Generation::go_on_restored() {
  return sapi::go_on_restored(booted().application, [this](const Code& hooks) {
    return seal_.close_again(hooks, [this] { lessons_->arrange_again(); });
  });
}

EventHeap Generation::event_heap() const {
  // Under rollback a page is the child's own after its first event, wherever it lies, so keeping
  // events' memory apart saves nothing.
  return options_.rolls_back ? EventHeap::kMixed : EventHeap::kApart;
}

// Under rollback a child is followed by another only when it ends.
ForkWhen Generation::fork_when() const {
  if (options_.rolls_back) return ForkWhen::kTurnComes;
  return options_.refill == base::Refill::kDuring ? ForkWhen::kFree : ForkWhen::kAnswered;
}

std::variant<Birth, ForkingEnd> Generation::fork_children(const base::Fd& control,
                                                          std::vector<Slot>& slots) {
  values_.emplace(has_ffi());
  // Under rollback PHORK_MAX_EVENTS limits a child and not its zygote.
  const unsigned most = options_.rolls_back ? 0 : base::value_of(base::settings::kMaxEvents);
  return sapi::fork_children(control, slots, fork_when(), most, *lessons_, *values_);
}

std::optional<event::Failure> Generation::enter() {
  // Before hooks run: classes that they load are lessons too.
  lessons_->watch();
  if (auto failure = seal_.prepare_child(booted().application)) return failure;
  if (event_heap() == EventHeap::kApart) enter_memory();
  // Page faults are taken now, when no caller is waiting.
  if (!rollback_) lessons_->populate_files();
  lessons_->touch_pages();
  return std::nullopt;
}

void Generation::serve(const Birth& birth) {
  slot::WorkerSide& seat = birth.seat;
  static WorkerLog log(seat);
  static const base::InstalledLogSink installed(log);
  // Processes that the event leaves behind become children of this one.
  process::adopt_orphans();
  process::open_for_core_files();
  end_on_signal(birth.api, seat);
  std::optional<event::Failure> failure;
  if (rollback_) {
    first_event_ = seat.events();
    seal_.renew_descriptors();
    seat.disarm();
    lessons_->populate_files();
    // Returns again after each rollback, so every event starts from here.
    if (const auto marked = rollback_->mark(); !marked) failure = no_rollback(marked.error());
  }
  if (booted().application.has_fork_hooks()) {
    seat.booting(std::chrono::steady_clock::now() + kHookLimit);
  }
  if (!failure) failure = enter();
  seat.ready();
  // After a rollback the fork is long ago and says nothing about this event.
  ready_us_ = rollback_ ? 0 : microseconds_since(birth.begun);
  EventService service(booted().application, booted().entry, birth.api, seat, true);
  if (!seat.await_turn()) end_process(base::kSystemFailed);
  if (!values_->are_same()) end_process(base::kFailed);
  serve_event(service, seat, failure);
}

void Generation::serve_event(EventService& service, slot::WorkerSide& seat,
                             const std::optional<event::Failure>& failure) {
  const auto invocation = service.next();
  if (!invocation) end_process(service.exit_code());
  const bool posted =
      failure ? service.refuse(*invocation, *failure) : service.serve(*invocation, Lifetime::kCopy);
  if (!posted) end_process(service.exit_code());
  finish_event();
  if (!failure) lessons_->report(service.minor_faults());
  end_output_lines();
  std::fflush(nullptr);
  service.tell_cost(*invocation, options_.generation, ready_us_);
  values_->note_event();
  if (rollback_ && !failure && goes_on(seat)) {
    if (seat.settle()) {
      seat.waiting();
      rollback_->run();
      seat.arm_again();
    }
  }
  bool is_clean = true;
  if (process::has_children()) {
    is_clean = process::KnownChildren::of_this_process().end_strays();
    values_->note_event();
  }
  seal_.end_child();
  seat.leave();
  // Its zygote, or the supervisor, goes on with ending the rest.
  end_process(is_clean ? base::kOk : base::kFailed);
}

bool Generation::goes_on(const slot::WorkerSide& seat) {
  const unsigned most = base::value_of(base::settings::kMaxEvents);
  const bool is_last = most != 0 && seat.events() - first_event_ >= most;
  // PHP code may have changed the turn; this worker would wait for it for ever.
  return seat.has_turn() && !is_last && !seat.has_to_leave() && !lessons_->outgrown();
}

// Lambda, too, gives an environment that it ends little time.
void Generation::end_in_time() {
  constexpr std::chrono::seconds kUntilInterrupt{1};
  constexpr unsigned kSecondsToLive = 2;
  InterruptTimer timer;
  timer.arm(kUntilInterrupt);
  // Ends this process where PHP code cannot be interrupted.
  std::signal(SIGALRM, SIG_DFL);
  ::alarm(kSecondsToLive);
  end_boot([] { booted().application.run_shutdown_hooks(); });
  ::alarm(0);
}

bool send(const base::Fd& control, const slot::ZygoteMessage& message) {
  const auto sent = base::send_message(control.get(), slot::encode(message));
  if (!sent) base::log_error(sent.error().text);
  return sent.ok();
}

// Sleeps until the supervisor says so. False: it says otherwise, or there is none.
bool await_restore(const base::Fd& control) {
  const auto received = base::receive_message(control.get());
  if (!received) return false;
  const auto message = slot::decode_zygote_message(received->bytes);
  return message && message->kind == slot::ZygoteMessage::Kind::kRestore;
}

// A descriptor that this process was started with; programs that PHP starts do not get it.
base::Fd take_descriptor(int raw) {
  base::check(::fcntl(raw, F_SETFD, FD_CLOEXEC), "php-worker: take an inherited descriptor");
  return base::Fd(raw);
}

std::vector<Slot> take_slots(unsigned count, const lambda::Endpoint& endpoint) {
  std::vector<Slot> slots(count);
  int next = slot::kFirstDescriptor + 1;
  for (Slot& each : slots) {
    for (Seat& seat : each.seats) {
      slot::WorkerSide* const first = each.seats.front().side.get();
      seat.side = std::make_unique<slot::WorkerSide>(next, first);
      seat.output = take_descriptor(next + static_cast<int>(slot::Descriptor::kOutput));
      seat.error = take_descriptor(next + static_cast<int>(slot::Descriptor::kError));
      next += slot::kSeatDescriptors;
    }
    each.api = std::make_unique<lambda::HttpRuntimeApi>(endpoint);
    each.api->connection().reopen();
  }
  return slots;
}

}  // namespace

int run_zygote(const ZygoteOptions& options, char* executable) {
  const auto environment = lambda::read_variables();
  if (!environment) {
    base::log_error(environment.error().text);
    return base::kUsedWrongly;
  }
  base::Fd control = take_descriptor(slot::kFirstDescriptor);
  std::vector<Slot> slots = take_slots(options.slots, environment->runtime_api);
  // The supervisor reads the streams of the children, but not those of the zygote.
  logging::LogWriter log({environment->log_format, environment->log_level, {}});
  std::optional<base::InstalledLogSink> installed(log);
  std::optional<BootLog> boot_log(std::in_place);
  environment_began(options.began_ns);
  Generation zygote(options);
  if (const auto failure = zygote.boot(executable)) {
    send(control, {.kind = slot::ZygoteMessage::Kind::kBootFailed, .failure = *failure});
    return base::kFailed;
  }
  boot_log.reset();
  if (!send(control, {.kind = slot::ZygoteMessage::Kind::kBooted})) return base::kSystemFailed;
  if (base::is_snap_start()) {
    if (!await_restore(control)) {
      zygote.end_in_time();
      return base::kOk;
    }
    for (const Slot& slot : slots) slot.api->connection().reopen();
    const auto failure = zygote.go_on_restored();
    const auto kind =
        failure ? slot::ZygoteMessage::Kind::kBootFailed : slot::ZygoteMessage::Kind::kRestored;
    if (!send(control, {.kind = kind, .failure = failure.value_or(event::Failure{})}) || failure) {
      return base::kFailed;
    }
  }
  const auto forked = zygote.fork_children(control, slots);
  if (const auto* end = std::get_if<ForkingEnd>(&forked)) {
    if (*end == ForkingEnd::kOrderly) zygote.end_in_time();
    return base::kOk;
  }
  installed.reset();
  control.reset();
  zygote.serve(std::get<Birth>(forked));
}

}  // namespace phork::sapi
