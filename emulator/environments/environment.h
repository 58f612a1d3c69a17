// SPDX-License-Identifier: MIT
//
// One execution environment: runtime processes, one at a time, and the Runtime API that they call.
// Its monitor thread owns the process: it starts it on request, enforces deadlines, forwards
// output, samples memory, ends an idle process, and kills the process tree when a deadline passes.
// The path of an event never waits for the monitor. A runtime that exits or fails costs its event,
// not the environment: the next process starts inside the next event, as on Lambda
// (docs/emulator.md, "Environments").
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "emulator/environments/extension_phase.h"
#include "emulator/environments/init_record.h"
#include "emulator/environments/journal.h"
#include "emulator/environments/peer_check.h"
#include "emulator/environments/process_fault.h"
#include "emulator/environments/runtime_process.h"
#include "emulator/environments/wakeup.h"
#include "emulator/runtime_api/server.h"
#include "emulator/sandbox/current.h"
#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::emulator {

class Environment final : private RuntimeObserver {
 public:
  enum class State : std::uint8_t {
    kStopped,   // without a process
    kStarting,  // until its process has received an event or waits for one
    kUp,
  };

  // Calls `changed`, without locks held, after each change of state that start_process() did not
  // make.
  Environment(const FunctionContext& context, std::size_t id, std::function<void()> changed);

  ~Environment() override { stop(); }

  State state() const { return state_; }

  // True if its event is answered and its process is about to ask for the next one.
  bool finishing() const { return finishing_; }

  // How many more events it can take soon: of a process that starts, or that serves several at a
  // time and has not asked for all of them.
  std::size_t room_to_come() const;
  // Call once, before anything else: opens a port for the Runtime API.
  base::Status open();
  // Starts a process without waiting for it. Only in kStopped, and by one thread at a time.
  void start_process();
  // Waits for the first init. kRefused: it failed; the text has the runtime's error. An init that
  // takes too long is ok: the first event repeats it. kStopped: request_stop() came first.
  base::Status first_init();
  // Ends the process as soon as it has no event; the next one counts as a fresh environment.
  void renew();
  // Makes first_init() return and the process end; from any thread.
  void request_stop();
  // Sends SIGTERM to the process group, and SIGKILL to the remaining processes two seconds later.
  void stop();

 private:
  enum class Cause : std::uint8_t {
    kExited,
    kTimedOut,
    kInitTimedOut,
    kInitError,
    kExtensionFailed,
    kIdle,
    kStopped
  };

  bool is_runtime(const TcpEnds& ends) override { return peers_.is_own(ends); }

  void init_done() override;
  void awaits_restore() override;
  void init_failed(const std::string& body) override;
  void handed_out(const std::string& request_id) override;
  void answered() override;
  void finished(const EventRecord& record) override;
  void parked() override;
  void fault_due(const Fault& fault) override;

  void monitor();
  bool wait_until_wanted();
  void serve();
  bool run_process(InitPhase phase);
  // Of the runtime, and with less of them of extensions.
  std::vector<std::string> runtime_variables() const;
  void end_extensions(Cause cause, Clock::time_point until);
  void extensions_changed();
  Cause watch(RuntimeProcess& process);
  void restore(RuntimeProcess& process);
  std::optional<Cause> reason_to_end(const InitRecord::View& init);
  Clock::time_point next_look();
  bool idle_for_too_long() const;
  static RuntimeProcess::Shutdown shutdown_for(Cause cause);
  std::optional<InitFailure> conclude(Cause cause, const process::ExitStatus& status);
  std::optional<InitFailure> init_failure(Cause cause, const InitFailure& exit) const;
  void report_init_failure(const InitFailure& failure);
  void fail_event(const InitFailure& failure, Clock::time_point started);
  void settle_first_init(base::Status outcome);
  void enter_up();

  void wake_monitor() { wake(wakeup_fd_); }

  const FunctionContext context_;
  const std::function<void()> changed_;
  Telemetry telemetry_;
  EnvironmentJournal journal_;
  PeerCheck peers_;
  ExtensionPhase extensions_;
  RuntimeApiServer api_;
  InitRecord init_;
  ProcessFault process_fault_;
  CurrentSandbox sandbox_;

  base::Fd wakeup_fd_;  // an eventfd that wakes the monitor
  std::atomic<State> state_ = State::kStopped;
  std::atomic<bool> finishing_ = false;
  std::atomic<bool> wanted_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> awaits_restore_ = false;
  std::atomic<std::size_t> served_ = 0;
  std::atomic<Clock::time_point> idle_since_;

  // Used by the monitor only.
  bool fresh_ = true;  // the next process counts as a fresh environment, not as one after a failure
  std::string log_stream_;
  UsageSampler usage_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable first_init_settled_;
  std::optional<base::Status> first_init_;
  std::string end_message_;

  std::thread monitor_;
};

}  // namespace phork::emulator
