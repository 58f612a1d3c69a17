// SPDX-License-Identifier: MIT
#include "bench/subjects/runtime_subject.h"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "bench/subjects/launch.h"
#include "emulator/event/function_config.h"
#include "emulator/gateway/stream_reply.h"
#include "runtime/process/process_tree.h"

namespace phork::bench {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::Status;
using emulator::Clock;

// The largest heap of the bench, half a gigabyte, is filled well within this time.
constexpr std::chrono::seconds kBootTimeout = 60s;
constexpr std::chrono::seconds kEventTimeout = 30s;
// Between SIGTERM and SIGKILL.
constexpr std::chrono::seconds kTermTimeout = 5s;
// For states that have no notification. Nothing polls while an event is under way.
constexpr std::chrono::milliseconds kPollInterval = 1ms;

emulator::RuntimeApiServer::Options api_options() {
  return {kEventTimeout, emulator::FunctionConfig{}.arn()};
}

// In a streamed answer, a prelude before the body has the status.
Answer answer_of(const emulator::EventResult& result) {
  if (result.streamed && emulator::has_prelude(result.content_type)) {
    emulator::StreamPrelude prelude;
    std::string_view bytes = result.body;
    const auto head = prelude.read(bytes);
    if (head && head.value()) return {head.value()->status, std::string(bytes)};
  }
  return read_answer(result.body);
}

}  // namespace

RuntimeSubject::RuntimeSubject(Launch launch)
    : launch_(std::move(launch)), api_(dispatcher_, *this, api_options()) {}

// Our bootstrap ends its own processes on SIGTERM. Other runtimes get none: Lambda sends SIGTERM
// only where an extension is registered, so they may not handle it. Processes that are left are
// killed, so that none runs during the next round.
RuntimeSubject::~RuntimeSubject() {
  if (process_) {
    if (!launch_.strategy.empty()) process_->signal(SIGTERM);
    const auto timeout = launch_.strategy.empty() ? 0s : kTermTimeout;
    if (!process_->wait(Clock::now() + timeout)) process::end_tree(*process_);
    process_.reset();
  }
  dispatcher_.close();
  api_.stop();
}

Status RuntimeSubject::start() {
  if (Status listening = api_.start(); !listening) return listening;
  api_.process_started();
  started_at_ = Clock::now();
  base::Result<std::unique_ptr<process::Process>> process = spawn();
  if (!process) return process.error();
  process_ = std::move(process).value();
  if (Status initialised = wait_until_initialised(); !initialised) return initialised;
  return base::ok_status();
}

base::Result<std::unique_ptr<process::Process>> RuntimeSubject::spawn() {
  const base::Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const emulator::FunctionConfig config = function_of(launch_);
  process::SpawnOptions options;
  options.program = launch_.program;
  options.arguments = {launch_.program};
  options.arguments.insert(options.arguments.end(), launch_.arguments.begin(),
                           launch_.arguments.end());
  options.environment = emulator::runtime_environment(config, api_.address());
  options.working_directory = launch_.workload.task_root;
  options.descriptors = {
      {null.get(), STDIN_FILENO}, {log_.fd(), STDOUT_FILENO}, {log_.fd(), STDERR_FILENO}};
  return process::Process::spawn(options);
}

Status RuntimeSubject::wait_until_initialised() {
  const Clock::time_point until = Clock::now() + kBootTimeout;
  while (!initialised_) {
    if (init_failed_) return failure("boot", "init failed");
    if (const auto status = process_->wait(Clock::now() + kPollInterval)) {
      return failure("boot", "it ended: " + status->describe());
    }
    if (Clock::now() > until) return failure("boot", "no next within 60 s");
  }
  return base::ok_status();
}

base::Result<Answer> RuntimeSubject::invoke() {
  emulator::Event event;
  event.payload = launch_.workload.payload;
  ++sent_;
  const emulator::EventId id = dispatcher_.submit(std::move(event));
  auto result = dispatcher_.wait(id, Clock::now() + kEventTimeout);
  if (!result) return failure("serve event", "no answer within 30 s");
  if (!result->answered()) return failure("serve event", read_error(result->body));
  Answer answer = answer_of(*result);
  if (Status good = check_answer(answer, launch_.workload.expected_text); !good) {
    return failure("serve event", good.error().text);
  }
  return answer;
}

base::Result<std::vector<EventSample>> RuntimeSubject::take_samples() {
  if (Status finished = wait_until_finished(); !finished) return finished.error();
  sent_ = 0;
  std::vector<emulator::EventRecord> records;
  {
    const std::lock_guard lock(mutex_);
    records.swap(records_);
  }
  const auto metrics = log_.take_metrics();
  std::vector<EventSample> samples;
  samples.reserve(records.size());
  for (const emulator::EventRecord& record : records) {
    EventSample sample{record.latency.count(), record.billed.count(), record.queued.count()};
    if (const auto found = metrics.find(record.request_id); found != metrics.end()) {
      sample.minor_faults = found->second.minor_faults;
      sample.ready_us = found->second.ready_us;
    }
    samples.push_back(sample);
  }
  return samples;
}

// An event ends with the following `next`; the runtime writes its metrics before that.
Status RuntimeSubject::wait_until_finished() {
  const Clock::time_point until = Clock::now() + kEventTimeout;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (records_.size() >= sent_) return base::ok_status();
    }
    if (const auto status = process_->wait(Clock::now() + kPollInterval)) {
      return failure("wait for next", "it ended: " + status->describe());
    }
    if (Clock::now() > until) return failure("wait for next", "none within 30 s of the answer");
  }
}

// Under exec the worker starts behind the first `next`, so its parts are of the first event.
std::vector<StartPart> RuntimeSubject::start_parts() {
  const auto since_start =
      std::chrono::duration_cast<std::chrono::microseconds>(started_at_.time_since_epoch());
  std::int64_t reached_us = since_start.count();
  std::vector<StartPart> parts;
  const auto add = [&](const char* program, const char* loading) {
    const auto line = log_.start_line(program);
    if (!line) return;
    parts.push_back({loading, line->at_us - reached_us});
    reached_us = line->at_us;
    for (const StartPart& part : line->parts) {
      parts.push_back(part);
      reached_us += part.us;
    }
  };
  add("bootstrap", "loader");
  add("php-worker", "php-worker");
  const std::int64_t next_us = since_start.count() + cold_start_us_ - reached_us;
  if (!parts.empty() && next_us > 0) parts.push_back({"next", next_us});
  return parts;
}

void RuntimeSubject::init_done() {
  const auto took = Clock::now() - started_at_;
  cold_start_us_ = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  initialised_ = true;
}

void RuntimeSubject::init_failed(const std::string& body) {
  {
    const std::lock_guard lock(mutex_);
    init_error_ = read_error(body);
  }
  init_failed_ = true;
}

void RuntimeSubject::finished(const emulator::EventRecord& record) {
  const std::lock_guard lock(mutex_);
  records_.push_back(record);
}

// The runtime's last line of output often tells the cause.
Error RuntimeSubject::failure(const std::string& action, const std::string& reason) {
  std::string text = "bench: " + action + " '" + launch_.workload.name + "' under " +
                     launch_.label + ": " + reason;
  {
    const std::lock_guard lock(mutex_);
    if (!init_error_.empty()) text += ": " + init_error_;
  }
  return log_.failure(std::move(text));
}

}  // namespace phork::bench
