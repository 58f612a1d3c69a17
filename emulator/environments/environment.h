// SPDX-License-Identifier: MIT
//
// One execution environment: runtime processes, one at a time, with the Runtime API they speak to.
// Its keeper thread owns the process: it starts one when it is told to, enforces deadlines, passes
// on output, samples memory, ends what is idle for too long, and kills the whole process tree when
// a deadline passes. The path of an event never waits for the keeper.
// A runtime that ends or fails costs its event, never the environment: the process that follows is
// started inside the next event, as on Lambda (docs/emulator.md, "Environments").
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "emulator/environments/function_context.h"
#include "emulator/environments/init_failure.h"
#include "emulator/environments/init_record.h"
#include "emulator/environments/journal.h"
#include "emulator/environments/process_fault.h"
#include "emulator/environments/runtime_process.h"
#include "emulator/environments/usage_sampler.h"
#include "emulator/runtime_api/server.h"
#include "emulator/sandbox/current.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class Environment final : private RuntimeObserver {
 public:
  enum class State : std::uint8_t {
    kStopped,   // without a process
    kStarting,  // until its process has taken an event, or waits for one
    kUp,
  };

  // `changed` is called, without locks, after each change of state that start_process() did not
  // make itself.
  Environment(const FunctionContext& context, std::size_t id, std::function<void()> changed);

  ~Environment() override { stop(); }

  State state() const { return state_; }

  // Its event is answered, and its process is about to ask for the next one.
  bool finishing() const { return finishing_; }

  // Once, before all else: takes a port for the Runtime API.
  base::Status open();
  // Only when stopped, and by one thread at a time. Does not wait.
  void start_process();
  // Waits for the first init. kRefused: it failed, with the runtime's own words; one that takes too
  // long is no failure yet: the first event does it again. kStopped: request_stop() came first.
  base::Status first_init();
  // Ends the process as soon as it has no event; the one that follows is a fresh environment's.
  void renew();
  // Makes first_init() return and the process end; from any thread.
  void request_stop();
  // SIGTERM to the process group, SIGKILL to what is left after two seconds.
  void stop();

 private:
  enum class Cause : std::uint8_t {
    kExited,
    kTimedOut,
    kInitTimedOut,
    kInitError,
    kIdle,
    kStopped
  };

  void init_done() override;
  void init_failed(const std::string& body) override;
  void handed_out(const std::string& request_id) override;
  void answered() override;
  void finished(const EventRecord& record) override;
  void parked() override;
  void afflicted(const Fault& fault) override;

  void keep();
  bool wait_until_wanted();
  void serve();
  bool run_process(InitPhase phase);
  Cause watch(RuntimeProcess& process);
  std::optional<Cause> reason_to_end(const InitRecord::View& init);
  Clock::time_point next_look();
  bool idle_for_too_long() const;
  static RuntimeProcess::Farewell farewell(Cause cause);
  std::optional<InitFailure> conclude(Cause cause, const process::ExitStatus& status);
  std::optional<InitFailure> init_failure(Cause cause, const InitFailure& exit) const;
  void report_init_failure(const InitFailure& failure);
  void fail_event(const InitFailure& failure, Clock::time_point started);
  void settle_first_init(base::Status outcome);
  void enter_up();
  void notify_keeper();

  const FunctionContext context_;
  const std::function<void()> changed_;
  EnvironmentJournal journal_;
  RuntimeApiServer api_;
  InitRecord init_;
  ProcessFault process_fault_;
  CurrentSandbox sandbox_;

  base::Fd news_;  // an eventfd: something for the keeper to look at
  std::atomic<State> state_ = State::kStopped;
  std::atomic<bool> finishing_ = false;
  std::atomic<bool> wanted_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> served_ = 0;
  std::atomic<Clock::time_point> idle_since_;

  // The keeper's own.
  bool fresh_ = true;  // the process to come is a fresh environment's, not one after a failure
  std::string log_stream_;
  UsageSampler usage_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable first_init_settled_;
  std::optional<base::Status> first_init_;
  std::string end_message_;

  std::thread keeper_;
};

}  // namespace phork::emulator
