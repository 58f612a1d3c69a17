// SPDX-License-Identifier: MIT
//
// A runtime as a Subject: phork's bootstrap or any program that speaks Lambda's Runtime API. Owns
// the process and a Runtime API server for it in this process. Times are taken by that server and
// handed out in bulk, so that measuring adds nothing to the path of an event.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bench/subjects/runtime_log.h"
#include "bench/subjects/subject.h"
#include "emulator/event/dispatcher.h"
#include "emulator/runtime_api/server.h"
#include "runtime/process/spawn.h"

namespace phork::bench {

class RuntimeSubject final : public Subject, private emulator::RuntimeObserver {
 public:
  explicit RuntimeSubject(Launch launch);
  ~RuntimeSubject() override;

  base::Status start() override;
  base::Result<Answer> invoke() override;
  base::Result<std::vector<EventSample>> take_samples() override;

  RuntimeUsage usage() const override { return measure_runtime(process_->pid()); }

  TreeCost cost() const override { return measure_cost(process_->pid()); }

  std::int64_t cold_start_us() const override { return cold_start_us_; }

  std::vector<StartPart> start_parts() override;

 private:
  void init_done() override;
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
  std::chrono::steady_clock::time_point started_at_;
  std::int64_t cold_start_us_ = 0;  // written before `initialised_` is set
  std::size_t sent_ = 0;            // events since take_samples()
  std::atomic<bool> initialised_ = false;
  std::atomic<bool> init_failed_ = false;

  std::mutex mutex_;  // guards what follows
  std::vector<emulator::EventRecord> records_;
  std::string init_error_;
};

}  // namespace phork::bench
