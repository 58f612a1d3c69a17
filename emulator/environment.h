// SPDX-License-Identifier: MIT
//
// One execution environment: a runtime process, started and ended, with the Runtime API it speaks
// to. Its keeper thread owns the process: it starts one when there is an event and none runs,
// enforces deadlines, passes on output, samples memory, and kills the whole process tree when a
// deadline passes. The path of an event never waits for the keeper.
// A runtime that ends or fails costs its event, never the environment.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "emulator/dispatcher.h"
#include "emulator/function_config.h"
#include "emulator/runtime_api_server.h"
#include "emulator/runtime_output.h"
#include "emulator/statistics.h"
#include "runtime/base/result.h"
#include "runtime/process/spawn.h"

namespace phork::emulator {

class Environment final : private RuntimeObserver {
 public:
  // All references outlive the environment.
  Environment(const FunctionConfig& config, Dispatcher& dispatcher, LogSink& log,
              Statistics& statistics);

  ~Environment() override { stop(); }

  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  Environment(Environment&&) = delete;
  Environment& operator=(Environment&&) = delete;

  // Starts the first process and waits for its init. kRefused: the init failed, with the runtime's
  // own words; kStopped: request_stop() came first.
  base::Status start();
  // An event waits: starts a process if none runs. Cheap.
  void wake();
  // Makes start() return and the process end; from any thread.
  void request_stop();
  // SIGTERM to the process group, SIGKILL to what is left after two seconds.
  void stop();

 private:
  enum class Cause : std::uint8_t { kExited, kTimedOut, kInitTimedOut, kInitError, kStopped };

  // How an init failed: for people, and as the answer to an event that waited for it.
  struct InitFailure {
    std::string error_type;
    std::string message;
    std::string body;  // as the runtime posted it; empty when the platform found out
  };

  void init_done() override;
  void init_failed(const std::string& body) override;
  void handed_out(const std::string& request_id) override;
  void finished(const EventRecord& record) override;

  void keep();
  bool wait_until_wanted();
  void run_process();
  base::Result<std::unique_ptr<process::Process>> spawn();
  Cause watch(process::Process& process);
  bool wait_for_news(process::Process& process, Clock::time_point until);
  Clock::time_point next_deadline();
  process::ExitStatus end_process(process::Process& process, Cause cause);
  std::optional<process::ExitStatus> drain_until_exit(process::Process& process,
                                                      std::chrono::milliseconds grace);
  void report_end(Cause cause, const process::ExitStatus& status);
  void report_init_failure(const InitFailure& failure);
  void settle_start(base::Status outcome);
  void sample(const process::Process& process);
  void notify_keeper();

  const FunctionConfig& config_;
  Dispatcher& dispatcher_;
  Statistics& statistics_;
  RuntimeOutput output_;
  RuntimeApiServer api_;

  base::Fd news_;  // an eventfd: something for the keeper to look at
  std::atomic<bool> wanted_ = false;
  std::atomic<bool> running_ = false;  // a process exists or is being started
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> served_ = 0;
  std::atomic<std::uint64_t> peak_pss_kb_ = 0;

  // The keeper's own.
  Clock::time_point next_sample_;
  std::size_t sampled_served_ = 0;
  std::optional<std::uint64_t> sampled_faults_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable start_settled_;
  std::optional<base::Status> start_outcome_;
  Clock::time_point init_started_;
  bool initialised_ = false;                 // this process has asked for an event
  std::optional<InitFailure> init_error_;    // posted by this process
  std::optional<Microseconds> report_init_;  // for the REPORT of the first event
  std::string end_message_;

  std::thread keeper_;
};

// errorType and errorMessage of an error body, as far as they are there.
struct ErrorFields {
  std::string type;
  std::string message;
};

ErrorFields read_error_json(std::string_view body);

// "Runtime exited with error: exit status 3", as Lambda words the end of a runtime.
std::string exit_message(const process::ExitStatus& status);

}  // namespace phork::emulator
