// SPDX-License-Identifier: MIT
#include "emulator/environments/extension_phase.h"

#include <chrono>
#include <utility>

#include "emulator/environments/wakeup.h"

namespace phork::emulator {

ExtensionPhase::ExtensionPhase(const FunctionContext& context, EnvironmentJournal& journal,
                               Telemetry& telemetry, std::function<void()> changed)
    : context_(context),
      telemetry_(telemetry),
      api_(context.config, context.lines, telemetry,
           {std::move(changed),
            [this, &journal](const std::string& line, const std::string& event) {
              journal.output().add(line);
              telemetry_.publish(RecordType::kPlatform, event);
            }}),
      external_(
          {[this, &journal](std::string_view line) {
             journal.output().add(line);
             telemetry_.publish_line(RecordType::kExtension, line);
           },
           [this](const std::string& name, const std::string& how) { api_.crashed(name, how); }}) {}

void ExtensionPhase::begin() {
  names_ = find_extensions(context_.config.extensions);
  telemetry_.begin(!context_.config.extensions.empty());
  api_.begin(names_);
}

std::optional<InitFailure> ExtensionPhase::start(const Surroundings& surroundings, PeerCheck& peers,
                                                 const base::Fd& wakeup,
                                                 const std::atomic<bool>& stopping,
                                                 const InitRecord::View& init) {
  if (names_.empty()) return std::nullopt;
  peers.expect();
  std::optional<InitFailure> failed = start_programs(surroundings);
  peers.attach(external_.pids());
  while (!failed && !api_.registered()) {
    await(wakeup, init.deadline);
    failed = failure();
    if (stopping) failed = InitFailure{std::string(kStoppedType), std::string(kStoppedMessage)};
    if (!failed && Clock::now() >= init.deadline) {
      failed = init.timed_out(context_.config);
    }
  }
  return failed;
}

std::optional<InitFailure> ExtensionPhase::start_programs(const Surroundings& surroundings) {
  process::SpawnOptions common;
  common.environment = extension_environment(surroundings.variables);
  common.working_directory = context_.config.task_root;
  if (surroundings.sandbox != nullptr) {
    common.control_groups = surroundings.sandbox->cgroup_procs_fds();
  }
  const base::Status started = external_.start(context_.config.extensions, names_, common);
  if (started) return std::nullopt;
  return InitFailure{"Extension.LaunchError", started.error().text};
}

std::optional<InitFailure> ExtensionPhase::failure() const {
  const std::optional<ExtensionsApi::Failure> failure = api_.failure();
  if (!failure) return std::nullopt;
  return InitFailure{failure->type, failure->message};
}

void ExtensionPhase::init_over() {
  api_.init_over();
  telemetry_.init_over();
}

void ExtensionPhase::end(std::string_view reason, Clock::time_point until) {
  using namespace std::chrono;
  const auto left = duration_cast<milliseconds>(until - Clock::now());
  const auto deadline = time_point_cast<milliseconds>(system_clock::now() + left);
  // Before SHUTDOWN, after which an agent does not listen for long; one that does not listen now
  // still gets half of the time for its end.
  telemetry_.flush(until - (until - Clock::now()) / 2);
  if (!names_.empty()) {
    api_.shutdown(reason, deadline.time_since_epoch().count());
    external_.end([this](const std::string& name) { return api_.wants_shutdown(name); }, until);
  }
  telemetry_.end();
}

}  // namespace phork::emulator
