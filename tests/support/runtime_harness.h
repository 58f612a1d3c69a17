// SPDX-License-Identifier: MIT
//
// A real `bootstrap` under test, with its own Runtime API; everything it prints is kept. One
// object is one environment and ends the processes that it started.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "emulator/event/dispatcher.h"
#include "emulator/event/stream_pipe.h"
#include "emulator/runtime_api/server.h"
#include "runtime/base/pinned.h"
#include "runtime/process/spawn.h"
#include "tests/support/eventually.h"
#include "tests/support/kept_log.h"
#include "tests/support/processes.h"

namespace phork::testing {

// Programs of the build under test and files of the source tree, from the environment that Meson
// gives the tests.
std::string program(const std::string& name);
std::string source_path(const std::string& relative);

// All strategies of the runtime, for cases that run under each of them.
const std::vector<std::string>& all_strategies();
// Those whose workers are children of a zygote.
std::vector<std::string> forking_strategies();
// False when an event can see state that the event before it left.
bool isolates(const std::string& strategy);
// Processes below bootstrap while it waits for an event.
int idle_processes(const std::string& strategy);

// The number of events that a test of endurance sends: PHORK_TEST_EVENTS, or else `usual`. A build
// with sanitizers sends fewer, and a person can ask for more.
unsigned event_count(unsigned usual);

struct RuntimeOptions {
  std::string handler;
  std::string strategy = "fork";
  std::string task_root = source_path("tests/fixtures/handlers");
  std::map<std::string, std::string> environment;
  std::vector<process::FdMapping> descriptors;  // beside the standard streams
  std::string prelude;                          // shell commands before bootstrap, "ulimit -n 64"
  std::chrono::milliseconds timeout{10'000};    // of an event, as Lambda would tell the runtime
  std::vector<std::string> faults;              // of the Runtime API, in the words of --fault
};

// A program that was run to its end; `output` is what it printed on both streams.
struct Finished {
  process::ExitStatus status;
  std::string output;
};

// Runs `program` with `environment` on top of a bare one (PATH only).
Finished run_program(const std::string& program, std::vector<std::string> arguments,
                     const std::map<std::string, std::string>& environment);

// A running program; its destructor ends it.
class Program : private base::Pinned {
 public:
  Program(const std::string& path, std::vector<std::string> arguments,
          const std::map<std::string, std::string>& environment,
          const std::vector<process::FdMapping>& descriptors = {});
  ~Program();

  pid_t pid() const { return process_->pid(); }

  void signal(int number) { process_->signal(number); }

  // Everything it has printed so far, on both streams.
  std::string output() const;
  std::string take_output() const;  // while it prints nothing; forgets it
  // Fails the test when the program has not ended within 20 s.
  process::ExitStatus wait_exit();

 private:
  std::string output_path_;
  std::unique_ptr<process::Process> process_;
};

class Runtime : private base::Pinned {
 public:
  explicit Runtime(const RuntimeOptions& options);
  ~Runtime();

  // Serves one event; fails the test when there is no result within its time.
  emulator::EventResult invoke(const std::string& payload);
  emulator::EventResult invoke(emulator::Event event);
  // A streamed answer goes to `sink` while it arrives.
  emulator::EventResult invoke(emulator::Event event, emulator::StreamSink& sink);

  // An event whose result nobody waits for.
  void submit(const std::string& payload);

  // The runtime has asked for the next event and waits.
  bool idle() const;

  // Waits until the runtime is idle with no zombie and `processes` live processes below it, which
  // it returns, parents before their children; fails the test when that is not so within a minute.
  // Another look may find more of them: a zygote starts copies of itself, which work for it and
  // end, at any moment. Without a number, those that its strategy keeps between events.
  std::vector<pid_t> settled(int processes) const;

  std::vector<pid_t> settled() const { return settled(idle_processes(strategy_)); }

  // The same, but without a failure: nothing when it is not so within `limit`.
  std::optional<std::vector<pid_t>> try_to_settle(int processes, std::chrono::seconds limit) const;

  pid_t pid() const { return process_->pid(); }

  // bootstrap itself.
  Program& process() { return *process_; }

  // The body posted to init/error; empty when none was.
  std::string init_error();

  // A line for each fault that was injected.
  std::string fault_log() { return fault_log_.text(); }

  // Everything the runtime has printed so far.
  std::string output() const { return process_->output(); }

  // The same once the runtime is idle: then the last event's lines are all there.
  std::string output_when_idle() const;

 private:
  class Observer;

  emulator::EventResult invoke(emulator::Event event, emulator::StreamSink* sink);

  std::string strategy_;
  KeptLog fault_log_;
  emulator::FaultPlan faults_;
  std::unique_ptr<Observer> observer_;
  emulator::Dispatcher dispatcher_;
  std::unique_ptr<emulator::RuntimeApiServer> api_;
  std::unique_ptr<Program> process_;
};

}  // namespace phork::testing
