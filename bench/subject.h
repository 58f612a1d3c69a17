// SPDX-License-Identifier: MIT
//
// What is measured: a real `bootstrap` that serves one application, with a Runtime API of its own
// in this process. Owns both and ends them. One thread sends events; what they cost is noted where
// the Runtime API sees it and handed out in bulk, so that nothing but the event itself is on its
// path. An event that fails or is answered wrongly is an Error: figures of it mean nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/application.h"
#include "bench/runtime_log.h"
#include "bench/usage.h"
#include "emulator/dispatcher.h"
#include "emulator/runtime_api_server.h"
#include "runtime/base/result.h"
#include "runtime/process/spawn.h"

namespace phork::bench {

// How to start one.
struct Launch {
  std::string label;      // in tables; unique among those that are compared
  std::string bootstrap;  // path of the program
  std::string strategy;
  Application application;
  std::vector<std::pair<std::string, std::string>> environment{};  // beside the application's
  bool metrics = true;  // a line of metrics for each event: a tenth of a kilobyte
};

struct EventSample {
  std::int64_t latency_us = 0;  // event out -> answer in
  std::int64_t billed_us = 0;   // event out -> the following `next`
  std::int64_t queued_us = 0;   // handed to the Runtime API -> event out
  std::optional<std::int64_t> minor_faults{};
  std::optional<std::int64_t> ready_us{};
};

class Subject final : private emulator::RuntimeObserver {
 public:
  explicit Subject(Launch launch);
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  Subject(Subject&&) = delete;
  Subject& operator=(Subject&&) = delete;
  ~Subject() override;

  // Returns when the runtime asks for its first event.
  base::Status start();

  // Sends the application's event; the body of a good answer.
  base::Result<std::string> invoke();

  // What the events since the last call cost, in order, once the runtime has asked for another.
  base::Result<std::vector<EventSample>> take_samples();

  // Only while it waits for an event.
  RuntimeUsage usage() const { return measure_runtime(process_->pid()); }

  // Process started -> first `next`.
  std::int64_t cold_start_us() const { return cold_start_us_; }

 private:
  void init_done() override { initialised_ = true; }

  void init_failed(const std::string& body) override;
  void finished(const emulator::EventRecord& record) override;

  base::Result<std::unique_ptr<process::Process>> spawn();
  base::Status wait_until_initialised();
  base::Status wait_until_finished();
  base::Error failure(const std::string& action, const std::string& reason);

  const Launch launch_;
  RuntimeLog log_;
  emulator::Dispatcher dispatcher_;
  emulator::RuntimeApiServer api_;
  std::unique_ptr<process::Process> process_;
  std::int64_t cold_start_us_ = 0;
  std::size_t sent_ = 0;  // events since samples were taken
  std::atomic<bool> initialised_ = false;
  std::atomic<bool> init_failed_ = false;

  std::mutex mutex_;  // guards what follows
  std::vector<emulator::EventRecord> records_;
};

}  // namespace phork::bench
