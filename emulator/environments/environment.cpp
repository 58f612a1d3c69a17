// SPDX-License-Identifier: MIT
#include "emulator/environments/environment.h"

#include <algorithm>
#include <memory>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "emulator/observe/log_lines.h"

namespace phork::emulator {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::ErrorKind;
using process::ExitStatus;

constexpr std::string_view kOutOfMemoryType = "Runtime.OutOfMemory";
// How long the monitor waits before it looks again at a process that should have ended already.
constexpr std::chrono::milliseconds kNextTry = 10ms;
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html (shutdown phase)
constexpr std::chrono::milliseconds kShutdownPhase = 2s;

RuntimeApiServer::Options api_options(const FunctionContext& context, ExtensionsApi& extensions) {
  RuntimeApiServer::Options options;
  options.timeout = context.config.timeout;
  options.function_arn = context.config.arn();
  options.faults = context.faults;
  options.extensions = &extensions;
  options.snap_start = context.config.snap_start;
  options.keys = context.config.keys();
  options.slots = std::max(context.config.slots, 1U);
  return options;
}

SandboxWishes wishes_of(const FunctionConfig& config) {
  return {config.enforce_memory, config.enforce_memory, config.freeze};
}

Microseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<Microseconds>(Clock::now() - start);
}

}  // namespace

Environment::Environment(const FunctionContext& context, std::size_t id,
                         std::function<void()> changed)
    : context_(context),
      changed_(std::move(changed)),
      telemetry_(context.config),
      journal_(context, id, telemetry_),
      extensions_(context_, journal_, telemetry_, [this] { extensions_changed(); }),
      api_(context.dispatcher, *this, api_options(context, extensions_.api())),
      init_(context.config),
      wakeup_fd_(base::check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "emulator: make eventfd")),
      usage_(journal_, context.statistics) {}

base::Status Environment::open() {
  if (base::Status listening = api_.start(); !listening) return listening;
  try {
    monitor_ = std::thread([this] { monitor(); });
  } catch (const std::system_error& error) {
    return base::system_error("emulator: start a thread for an environment", error.code().value());
  }
  return base::ok_status();
}

void Environment::start_process() {
  state_ = State::kStarting;
  wanted_ = true;
  wake_monitor();
}

std::size_t Environment::room_to_come() const {
  const std::size_t slots = std::max(context_.config.slots, 1U);
  if (state_ == State::kStarting) return slots;
  return slots - (state_ == State::kUp ? std::min(slots, api_.lanes_used()) : slots);
}

base::Status Environment::first_init() {
  std::unique_lock lock(mutex_);
  first_init_settled_.wait(lock, [this] { return first_init_.has_value(); });
  return *first_init_;
}

void Environment::renew() {
  api_.retire();
  wake_monitor();
}

void Environment::request_stop() {
  stopping_ = true;
  wake_monitor();
}

void Environment::stop() {
  request_stop();
  if (monitor_.joinable()) monitor_.join();
  api_.stop();
}

// The monitor thread.
void Environment::monitor() {
  while (wait_until_wanted()) {
    serve();
    state_ = State::kStopped;
    changed_();
  }
  settle_first_init(Error{ErrorKind::kStopped, "emulator: start runtime: stopped"});
}

bool Environment::wait_until_wanted() {
  while (!stopping_) {
    if (wanted_.exchange(false)) return true;
    await(wakeup_fd_, base::kNoDeadline);
  }
  return false;
}

// Runs one process from start to end. A failed init is repeated at once, inside an event, if one
// waits.
void Environment::serve() {
  if (!fresh_) {
    run_process(InitPhase::kInvoke);
    return;
  }
  log_stream_ = make_log_stream();
  const bool came_up = run_process(InitPhase::kInit);
  if (!came_up && context_.dispatcher.backlog() > 0) run_process(InitPhase::kInvoke);
}

// False when its init failed.
bool Environment::run_process(InitPhase phase) {
  const FunctionConfig& config = context_.config;
  // The sandbox exists before the init is timed, as on Lambda.
  Sandbox* sandbox = sandbox_.enter(context_.sandboxes.make(config.memory_mb, wishes_of(config)));
  init_.begin(phase);
  usage_.restart();
  fresh_ = false;
  api_.process_started();
  if (phase == InitPhase::kInvoke) api_.charge_from(init_.view().started);
  extensions_.begin();
  awaits_restore_ = false;
  journal_.init_started(phase);
  const std::vector<std::string> variables = runtime_variables();
  const ExtensionPhase::Surroundings beside{variables, sandbox};
  if (const auto failure = extensions_.start(beside, peers_, wakeup_fd_, stopping_, init_.view())) {
    end_extensions(Cause::kExtensionFailed, Clock::now() + kShutdownPhase);
    report_init_failure(*failure);
    return false;
  }
  peers_.expect();
  auto process = RuntimeProcess::spawn(config, {variables, sandbox, extensions_.any_external()},
                                       journal_.output());
  if (!process) {
    end_extensions(Cause::kExited, Clock::now() + kShutdownPhase);
    report_init_failure({"Runtime.InvalidEntrypoint", process.error().text});
    return false;
  }
  sandbox_.started();
  RuntimeProcess& running = *process.value();
  journal_.process_started(running.pid());
  peers_.attach({running.pid()});
  process_fault_.attach(running.pid());
  const Cause cause = watch(running);
  if (cause == Cause::kStopped || cause == Cause::kIdle) usage_.sample(running, served_);
  journal_.set_state(EnvironmentState::kEnding);
  fresh_ = cause == Cause::kIdle;
  process_fault_.detach(shutdown_for(cause) != RuntimeProcess::Shutdown::kKill);
  sandbox_.leave();
  const Clock::time_point shutdown_end = Clock::now() + kShutdownPhase;
  const std::optional<InitFailure> failure = conclude(cause, running.end(shutdown_for(cause)));
  end_extensions(cause, shutdown_end);
  sandbox_.clear();
  journal_.set_state(EnvironmentState::kNone);
  if (failure) report_init_failure(*failure);
  return !failure;
}

std::vector<std::string> Environment::runtime_variables() const {
  std::vector<std::string> variables =
      runtime_environment(context_.config, api_.address(), log_stream_);
  if (context_.config.snap_start) {
    set_snapshot_variables(variables, api_.credentials_address(), api_.credentials_token());
  }
  return variables;
}

void Environment::end_extensions(Cause cause, Clock::time_point until) {
  const bool idle = cause == Cause::kIdle || cause == Cause::kStopped;
  const bool late = cause == Cause::kTimedOut || cause == Cause::kInitTimedOut;
  extensions_.end(idle ? "spindown" : (late ? "timeout" : "failure"), until);
  peers_.detach();
}

// Monitors a running process until it has ended or there is a reason to end it.
Environment::Cause Environment::watch(RuntimeProcess& process) {
  bool announced = false;
  while (true) {
    const bool ended = process.wait_for_wakeup(wakeup_fd_, std::min(next_look(), usage_.due()));
    const InitRecord::View init = init_.view();
    if (init.posted) return Cause::kInitError;
    if (awaits_restore_.exchange(false)) restore(process);
    if (init.complete && !announced) {
      // Sample before reporting the start, so that the first REPORT has a value.
      usage_.sample(process, served_);
      settle_first_init(base::ok_status());
      announced = true;
    }
    if (ended) return Cause::kExited;
    if (const std::optional<Cause> reason = reason_to_end(init)) return *reason;
    if (Clock::now() >= usage_.due()) usage_.sample(process, served_);
  }
}

// The nearest to a snapshot that running processes allow: nothing of them runs while time passes.
// An init that is repeated inside an event has no time to lose.
void Environment::restore(RuntimeProcess& process) {
  const bool lets_time_pass = init_.view().phase == InitPhase::kInit;
  process.pause(extensions_.pids(), wakeup_fd_, lets_time_pass ? context_.config.snapshot_age : 0ms,
                stopping_);
  init_.restore();
  journal_.restore_started(init_.view().phase);
  api_.restore();
}

std::optional<Environment::Cause> Environment::reason_to_end(const InitRecord::View& init) {
  if (stopping_) return Cause::kStopped;
  if (extensions_.failure()) return Cause::kExtensionFailed;
  const Clock::time_point now = Clock::now();
  if (!init.complete) {
    if (now >= init.deadline && !init.paused) return Cause::kInitTimedOut;
    return std::nullopt;
  }
  if (now >= api_.deadline().value_or(Clock::time_point::max())) {
    if (context_.config.slots == 0) return Cause::kTimedOut;
    api_.expire();
  }
  if ((api_.retiring() || idle_for_too_long()) && api_.end_if_idle()) return Cause::kIdle;
  return std::nullopt;
}

// When the monitor has to look again. Events do not wake it: an event that starts later has its
// deadline at least one timeout from now, so looking again by then is early enough.
Clock::time_point Environment::next_look() {
  if (const InitRecord::View init = init_.view(); !init.complete) return init.deadline;
  const Clock::time_point now = Clock::now();
  const Clock::time_point deadline = api_.deadline().value_or(now + context_.config.timeout);
  if (context_.config.idle_timeout == 0ms) return deadline;
  const bool idle = api_.state() == RuntimeState::kReady;
  const Clock::time_point idle_since = idle ? idle_since_.load() : now;
  return std::min(deadline, std::max(idle_since + context_.config.idle_timeout, now + kNextTry));
}

bool Environment::idle_for_too_long() const {
  const std::chrono::milliseconds limit = context_.config.idle_timeout;
  return limit > 0ms && api_.state() == RuntimeState::kReady &&
         Clock::now() >= idle_since_.load() + limit;
}

RuntimeProcess::Shutdown Environment::shutdown_for(Cause cause) {
  using enum RuntimeProcess::Shutdown;
  switch (cause) {
    case Cause::kStopped:
    case Cause::kIdle:
      return kTerminate;
    case Cause::kInitError:
      return kLetExit;
    case Cause::kExited:
      return kExited;
    case Cause::kTimedOut:
    case Cause::kInitTimedOut:
    case Cause::kExtensionFailed:
      break;
  }
  return kKill;
}

// Completes the event that the process had. Returns the failure of its init, if it failed.
std::optional<InitFailure> Environment::conclude(Cause cause, const ExitStatus& status) {
  std::string exited = exit_message(status);
  std::string exit_type(sandbox_.out_of_memory(status) ? kOutOfMemoryType : kExitType);
  if (cause == Cause::kExtensionFailed) {
    const InitFailure failure = extensions_.failure().value_or(InitFailure{exit_type, exited});
    exit_type = failure.error_type;
    exited = failure.message;
  }
  {
    const std::lock_guard lock(mutex_);
    end_message_ = exited;
  }
  if (cause == Cause::kIdle) return std::nullopt;
  if (cause == Cause::kStopped) {
    api_.process_ended(Ending::kNotServed, kStoppedType, kStoppedMessage);
    return std::nullopt;
  }
  if (cause == Cause::kTimedOut) {
    const std::string message = timed_out_message(context_.config.timeout);
    api_.process_ended(Ending::kTimedOut, kTimedOutType, message);
  } else {
    api_.process_ended(Ending::kExited, exit_type, exited);
  }
  return init_failure(cause, {exit_type, exited});
}

std::optional<InitFailure> Environment::init_failure(Cause cause, const InitFailure& exit) const {
  const InitRecord::View init = init_.view();
  if (init.posted) return init.posted;
  if (cause == Cause::kInitTimedOut) {
    return init.timed_out(context_.config);
  }
  if (!init.complete) return exit;
  return std::nullopt;
}

// Tells first_init(), and fails the event that the init was part of.
void Environment::report_init_failure(const InitFailure& failure) {
  const InitRecord::View init = init_.view();
  journal_.init_failed(init.phase, since(init.started), failure.error_type);
  if (failure.error_type == kTimedOutType) {
    settle_first_init(base::ok_status());
  } else {
    settle_first_init(
        Error{ErrorKind::kRefused, "emulator: start runtime '" + context_.config.program +
                                       "': " + failure.error_type + ": " + failure.message});
  }
  if (init.phase == InitPhase::kInvoke) fail_event(failure, init.started);
}

void Environment::fail_event(const InitFailure& failure, Clock::time_point started) {
  const std::optional<PendingEvent> pending = context_.dispatcher.take_oldest();
  if (!pending) return;
  const std::string& request_id = pending->event.request_id;
  const bool timed_out = failure.error_type == kTimedOutType;
  EventResult result = platform_error(timed_out ? Ending::kTimedOut : Ending::kNotServed,
                                      request_id, failure.error_type, failure.message);
  if (!failure.body.empty()) result.body = failure.body;
  EventRecord record;
  record.request_id = request_id;
  record.trace_id = pending->event.trace_id;
  record.ending = Ending::kNotServed;
  record.error_type = failure.error_type;
  record.billed = since(std::max(started, pending->submitted));
  if (failure.body.empty()) record.failure = failure.message;  // else the runtime has logged it
  journal_.not_served(record);
  context_.dispatcher.complete(pending->id, std::move(result));
}

// Only the first outcome counts.
void Environment::settle_first_init(base::Status outcome) {
  const std::lock_guard lock(mutex_);
  if (!first_init_) first_init_ = std::move(outcome);
  first_init_settled_.notify_all();
}

}  // namespace phork::emulator
