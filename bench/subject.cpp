// SPDX-License-Identifier: MIT
#include "bench/subject.h"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

#include "emulator/function_config.h"
#include "emulator/process_tree.h"

namespace phork::bench {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::ErrorKind;
using base::Status;
using emulator::Clock;

// Long enough for a heap of half a gigabyte to be filled, and for any event to be a failure.
constexpr std::chrono::seconds kBootPatience = 60s;
constexpr std::chrono::seconds kEventPatience = 30s;
// Between SIGTERM and SIGKILL.
constexpr std::chrono::seconds kEndPatience = 5s;
// How often a state is looked at that nobody tells of; never while an event is under way.
constexpr std::chrono::milliseconds kLookInterval = 1ms;

emulator::RuntimeApiServer::Options api_options() {
  return {kEventPatience, emulator::FunctionConfig{}.arn()};
}

}  // namespace

Subject::Subject(Launch launch)
    : launch_(std::move(launch)), api_(dispatcher_, *this, api_options()) {}

// bootstrap ends its own processes when it is asked to; what is left of them is killed, so that no
// round is measured beside the remains of another.
Subject::~Subject() {
  if (process_) {
    process_->signal(SIGTERM);
    if (!process_->wait(Clock::now() + kEndPatience)) emulator::kill_tree(process_->pid());
    process_.reset();
  }
  dispatcher_.close();
  api_.stop();
}

Status Subject::start() {
  if (Status listening = api_.start(); !listening) return listening;
  api_.process_started();
  const Clock::time_point started = Clock::now();
  base::Result<std::unique_ptr<process::Process>> process = spawn();
  if (!process) return process.error();
  process_ = std::move(process).value();
  if (Status initialised = wait_until_initialised(); !initialised) return initialised;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - started);
  cold_start_us_ = took.count();
  return base::ok_status();
}

base::Result<std::unique_ptr<process::Process>> Subject::spawn() {
  const base::Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Application& application = launch_.application;
  emulator::FunctionConfig config;
  config.task_root = application.task_root;
  config.handler = application.handler;
  config.environment = process::current_environment();
  process::set_variable(config.environment, "PHORK_METRICS", launch_.metrics ? "json" : "off");
  for (const auto* settings : {&application.environment, &launch_.environment}) {
    for (const auto& [name, value] : *settings) {
      process::set_variable(config.environment, name, value);
    }
  }
  process::SpawnOptions options;
  options.program = launch_.bootstrap;
  options.arguments = {launch_.bootstrap, "--strategy=" + launch_.strategy};
  options.environment = emulator::runtime_environment(config, api_.address());
  options.working_directory = application.task_root;
  options.descriptors = {
      {null.get(), STDIN_FILENO}, {log_.fd(), STDOUT_FILENO}, {log_.fd(), STDERR_FILENO}};
  return process::Process::spawn(options);
}

Status Subject::wait_until_initialised() {
  const Clock::time_point until = Clock::now() + kBootPatience;
  while (!initialised_) {
    if (init_failed_) return failure("boot", "init failed");
    if (const auto status = process_->wait(Clock::now() + kLookInterval)) {
      return failure("boot", "it ended: " + status->describe());
    }
    if (Clock::now() > until) return failure("boot", "no next within 60 s");
  }
  return base::ok_status();
}

base::Result<std::string> Subject::invoke() {
  emulator::Event event;
  event.payload = launch_.application.payload;
  ++sent_;
  const emulator::EventId id = dispatcher_.submit(std::move(event));
  auto result = dispatcher_.wait(id, Clock::now() + kEventPatience);
  if (!result) return failure("serve event", "no answer within 30 s");
  if (!result->answered()) return failure("serve event", result->error_type);
  if (result->body.find(launch_.application.sign) == std::string::npos) {
    return failure("serve event", "expected an answer with " + launch_.application.sign +
                                      ", got one of " + std::to_string(result->body.size()) +
                                      " bytes without it");
  }
  return std::move(result->body);
}

base::Result<std::vector<EventSample>> Subject::take_samples() {
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

// An event is finished when the runtime asks for the next one, and has written its metrics by then.
Status Subject::wait_until_finished() {
  const Clock::time_point until = Clock::now() + kEventPatience;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (records_.size() >= sent_) return base::ok_status();
    }
    if (Clock::now() > until) return failure("wait for next", "none within 30 s of the answer");
    std::this_thread::sleep_for(kLookInterval);
  }
}

void Subject::init_failed(const std::string& /*body*/) {
  init_failed_ = true;
}

void Subject::finished(const emulator::EventRecord& record) {
  const std::lock_guard lock(mutex_);
  records_.push_back(record);
}

// With the runtime's own last line, which says why.
Error Subject::failure(const std::string& action, const std::string& reason) {
  std::string text = "bench: " + action + " '" + launch_.application.name + "' under " +
                     launch_.strategy + ": " + reason;
  if (const std::string words = log_.last_words(); !words.empty()) text += "; it said: " + words;
  return {ErrorKind::kRefused, std::move(text)};
}

}  // namespace phork::bench
