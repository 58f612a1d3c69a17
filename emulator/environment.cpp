// SPDX-License-Identifier: MIT
#include "emulator/environment.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

#include <simdjson.h>

#include "emulator/log_lines.h"
#include "emulator/process_tree.h"
#include "runtime/base/poll.h"
#include "runtime/http/header.h"

namespace phork::emulator {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::ErrorKind;
using base::Fd;
using process::ExitStatus;
using process::Process;

// Between SIGTERM and SIGKILL: all of Lambda's shutdown phase.
constexpr std::chrono::milliseconds kShutdownGrace = 2s;
// Memory is sampled at most this often and only when events were served meanwhile: a sample costs
// about a millisecond of CPU and holds up page faults of the process it looks at. What is measured
// is therefore the level that the process tree keeps, not a spike within one event.
constexpr std::chrono::milliseconds kSampleInterval = 1s;

}  // namespace

ErrorFields read_error_json(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  ErrorFields fields;
  if (parser.parse(body.data(), body.size()).get(object) != simdjson::SUCCESS) return fields;
  std::string_view text;
  if (object["errorType"].get(text) == simdjson::SUCCESS) fields.type = text;
  if (object["errorMessage"].get(text) == simdjson::SUCCESS) fields.message = text;
  return fields;
}

std::string exit_message(const ExitStatus& status) {
  if (status.clean()) return "Runtime exited without providing a reason";
  if (status.kind == ExitStatus::Kind::kExited) {
    return "Runtime exited with error: exit status " + std::to_string(status.code);
  }
  const char* name = ::sigdescr_np(status.code);
  return "Runtime exited with error: signal: " +
         (name != nullptr ? http::lower_case(name) : std::to_string(status.code));
}

Environment::Environment(const FunctionConfig& config, Dispatcher& dispatcher, LogSink& log,
                         Statistics& statistics)
    : config_(config),
      dispatcher_(dispatcher),
      statistics_(statistics),
      output_(log, statistics, config.print_metrics),
      api_(dispatcher, *this, {config.timeout, config.arn()}),
      news_(base::check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "emulator: make eventfd")) {}

base::Status Environment::start() {
  if (base::Status listening = api_.start(); !listening) return listening;
  wanted_ = true;
  keeper_ = std::thread([this] { keep(); });
  std::unique_lock lock(mutex_);
  start_settled_.wait(lock, [this] { return start_outcome_.has_value(); });
  return *start_outcome_;
}

void Environment::wake() {
  if (!running_) notify_keeper();
}

void Environment::request_stop() {
  stopping_ = true;
  notify_keeper();
}

void Environment::stop() {
  request_stop();
  if (keeper_.joinable()) keeper_.join();
  api_.stop();
}

void Environment::notify_keeper() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable anyway.
  [[maybe_unused]] const ssize_t written = ::write(news_.get(), &one, sizeof one);
}

// The keeper's thread.
void Environment::keep() {
  while (wait_until_wanted()) {
    running_ = true;
    run_process();
    // First this, then the look at the backlog: who submits does it the other way round.
    running_ = false;
  }
  settle_start(Error{ErrorKind::kStopped, "emulator: start runtime: stopped"});
}

bool Environment::wait_until_wanted() {
  while (!stopping_) {
    if (wanted_.exchange(false) || dispatcher_.has_backlog()) return true;
    base::wait_readable(news_.get(), base::kNoDeadline);
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(news_.get(), &count, sizeof count);
  }
  return false;
}

void Environment::run_process() {
  {
    const std::lock_guard lock(mutex_);
    initialised_ = false;
    init_error_.reset();
    report_init_.reset();
    init_started_ = Clock::now();
  }
  sampled_faults_.reset();
  next_sample_ = Clock::time_point::max();
  api_.process_started();
  output_.add(init_start_line());
  base::Result<std::unique_ptr<Process>> process = spawn();
  if (!process) {
    report_init_failure({"Runtime.InvalidEntrypoint", process.error().text, {}});
    return;
  }
  Process& running = *process.value();
  const Cause cause = watch(running);
  const ExitStatus status = end_process(running, cause);
  output_.drain();
  report_end(cause, status);
}

base::Result<std::unique_ptr<Process>> Environment::spawn() {
  base::Result<base::FdPair> pipes = output_.open();
  if (!pipes) return pipes.error();
  const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  process::SpawnOptions options;
  options.program = config_.program;
  options.arguments = config_.arguments;
  options.arguments.insert(options.arguments.begin(), config_.program);
  options.environment = runtime_environment(config_, api_.address());
  options.working_directory = config_.task_root;
  options.descriptors = {{null.get(), STDIN_FILENO},
                         {pipes->first.get(), STDOUT_FILENO},
                         {pipes->second.get(), STDERR_FILENO}};
  return Process::spawn(options);
}

// Looks after a running process until there is a reason to end it, or it has ended.
Environment::Cause Environment::watch(Process& process) {
  bool announced = false;
  while (true) {
    const bool ended = wait_for_news(process, std::min(next_deadline(), next_sample_));
    bool initialised = false;
    {
      const std::lock_guard lock(mutex_);
      if (init_error_) return Cause::kInitError;
      initialised = initialised_;
    }
    if (initialised && !announced) {
      // Before the start is reported, so that the first REPORT knows a figure.
      sample(process);
      settle_start(base::ok_status());
      announced = true;
    }
    if (ended) return Cause::kExited;
    if (stopping_) return Cause::kStopped;
    const Clock::time_point now = Clock::now();
    if (!initialised && now >= next_deadline()) return Cause::kInitTimedOut;
    if (initialised && now >= api_.deadline().value_or(Clock::time_point::max())) {
      return Cause::kTimedOut;
    }
    if (now >= next_sample_) sample(process);
  }
}

// Passes on output while waiting. True once the process has ended.
bool Environment::wait_for_news(Process& process, Clock::time_point until) {
  const std::array<int, 2> pipes = output_.descriptors();
  std::array<pollfd, 4> descriptors = {{{process.pidfd(), POLLIN, 0},
                                        {news_.get(), POLLIN, 0},
                                        {pipes[0], POLLIN, 0},
                                        {pipes[1], POLLIN, 0}}};
  base::poll_until(descriptors, until);
  if (descriptors[1].revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(news_.get(), &count, sizeof count);
  }
  if (descriptors[2].revents != 0 || descriptors[3].revents != 0) output_.drain();
  return descriptors[0].revents != 0;
}

// Nobody tells the keeper of new events. It need not know: whatever is handed out after this look
// has its deadline at least one timeout from now, so looking again then is early enough.
Clock::time_point Environment::next_deadline() {
  {
    const std::lock_guard lock(mutex_);
    if (!initialised_) return init_started_ + config_.init_timeout;
  }
  return api_.deadline().value_or(Clock::now() + config_.timeout);
}

ExitStatus Environment::end_process(Process& process, Cause cause) {
  std::optional<ExitStatus> status;
  if (cause == Cause::kStopped) {
    sample(process);
    process.signal_group(SIGTERM);
  }
  if (cause == Cause::kStopped || cause == Cause::kInitError) {
    status = drain_until_exit(process, kShutdownGrace);
  }
  // Not reaped yet, so its pid and group are still its own.
  if (!status && cause != Cause::kExited) kill_tree(process.pid());
  process.signal_group(SIGKILL);
  return status ? *status : *process.wait();
}

// Keeps reading, so that a process with much to say at its end does not block on a full pipe.
std::optional<ExitStatus> Environment::drain_until_exit(Process& process,
                                                        std::chrono::milliseconds grace) {
  const Clock::time_point until = Clock::now() + grace;
  while (!wait_for_news(process, until)) {
    if (Clock::now() >= until) return std::nullopt;
  }
  process.signal_group(SIGKILL);
  return process.wait();
}

void Environment::report_end(Cause cause, const ExitStatus& status) {
  std::optional<InitFailure> failure;
  {
    const std::lock_guard lock(mutex_);
    end_message_ = exit_message(status);
    failure = init_error_;
    if (!failure && !initialised_) failure = InitFailure{"Runtime.ExitError", end_message_, {}};
  }
  if (cause == Cause::kTimedOut) {
    api_.process_ended(Ending::kTimedOut, "Sandbox.Timedout", timed_out_message(config_.timeout));
  } else if (cause == Cause::kStopped) {
    api_.process_ended(Ending::kNotServed, "Emulator.Stopped", "phork is stopping");
  } else {
    api_.process_ended(Ending::kExited, "Runtime.ExitError", exit_message(status));
  }
  if (cause == Cause::kInitTimedOut) {
    failure = {"Sandbox.Timedout", "init: " + timed_out_message(config_.init_timeout), {}};
  }
  if (failure && cause != Cause::kStopped) report_init_failure(*failure);
}

// To whoever waits for the start, else to the event that waited for the process.
void Environment::report_init_failure(const InitFailure& failure) {
  Clock::time_point started;
  bool starting = false;
  {
    const std::lock_guard lock(mutex_);
    started = init_started_;
    starting = !start_outcome_;
  }
  const auto duration = std::chrono::duration_cast<Microseconds>(Clock::now() - started);
  output_.add(init_report_line(duration, failure.error_type));
  if (starting) {
    settle_start(Error{ErrorKind::kRefused, "emulator: start runtime '" + config_.program + "': " +
                                                failure.error_type + ": " + failure.message});
    return;
  }
  const bool had_event = dispatcher_.fail_next([&failure](const std::string& request_id) {
    EventResult result =
        platform_error(Ending::kNotServed, request_id, failure.error_type, failure.message);
    if (!failure.body.empty()) result.body = failure.body;
    return result;
  });
  if (had_event) statistics_.add_unserved();
}

// The first outcome counts.
void Environment::settle_start(base::Status outcome) {
  const std::lock_guard lock(mutex_);
  if (!start_outcome_) start_outcome_ = std::move(outcome);
  start_settled_.notify_all();
}

void Environment::sample(const Process& process) {
  next_sample_ = Clock::now() + kSampleInterval;
  const std::size_t served = served_;
  if (sampled_faults_ && served == sampled_served_) return;
  const TreeUsage usage = measure_tree(process.pid());
  peak_pss_kb_ = std::max(peak_pss_kb_.load(), usage.pss_kb);
  statistics_.add_memory(usage.pss_kb);
  // The sum shrinks when a process ends that nobody in the tree reaps.
  if (sampled_faults_ && usage.minor_faults >= *sampled_faults_) {
    statistics_.add_tree_faults(usage.minor_faults - *sampled_faults_, served - sampled_served_);
  }
  sampled_faults_ = usage.minor_faults;
  sampled_served_ = served;
}

void Environment::init_done() {
  {
    const std::lock_guard lock(mutex_);
    initialised_ = true;
    report_init_ = std::chrono::duration_cast<Microseconds>(Clock::now() - init_started_);
    statistics_.set_cold_start(*report_init_);
  }
  notify_keeper();
}

void Environment::init_failed(const std::string& body) {
  const ErrorFields fields = read_error_json(body);
  {
    const std::lock_guard lock(mutex_);
    init_error_ =
        InitFailure{fields.type.empty() ? "Runtime.Unknown" : fields.type, fields.message, body};
  }
  notify_keeper();
}

void Environment::handed_out(const std::string& request_id) {
  output_.add(start_line(request_id));
}

void Environment::finished(const EventRecord& record) {
  ReportFacts facts{config_.memory_mb, peak_pss_kb_, std::nullopt};
  std::string end_message;
  {
    const std::lock_guard lock(mutex_);
    facts.init = std::exchange(report_init_, std::nullopt);
    end_message = end_message_;
  }
  if (record.error_type == "Sandbox.Timedout") {
    output_.add(record.request_id + ' ' + timed_out_message(config_.timeout));
  } else if (record.ending == Ending::kExited) {
    output_.add(platform_message(record.request_id, end_message));
  } else if (!record.failure.empty()) {
    output_.add(platform_message(record.request_id, record.failure));
  }
  output_.add(end_line(record.request_id));
  output_.add(report_line(record, facts));
  statistics_.add(record);
  ++served_;
}

}  // namespace phork::emulator
