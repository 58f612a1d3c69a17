// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote_mode.h"

#include <optional>
#include <utility>

#include "php-worker/sapi/boot.h"
#include "php-worker/sapi/event_log.h"
#include "php-worker/sapi/exit_code.h"
#include "php-worker/sapi/failure.h"
#include "php-worker/sapi/seal.h"
#include "php-worker/sapi/worker.h"
#include "php-worker/sapi/working_set.h"
#include "php-worker/sapi/zygote.h"
#include "runtime/base/log.h"
#include "runtime/lambda/environment.h"
#include "runtime/report/log_writer.h"

namespace phork::sapi {
namespace {

// The supervisor reads the children's streams, but not the zygote's own.
report::LogOptions log_options() {
  const auto environment = lambda::read_environment();  // which bootstrap has checked
  if (!environment) return {};
  return {environment->log_format, environment->log_level, {}};
}

[[noreturn]] void run_child(Booted& booted, const wire::Ready& ready, base::Fd socket,
                            WorkingSet& working_set) {
  Channel channel(std::move(socket));
  prepare_child(booted.application);
  working_set.touch();
  serve_one_event(booted.application, channel, ready, [&working_set](const wire::Usage& usage) {
    working_set.learn(usage.minor_faults);
  });
}

}  // namespace

int run_zygote(std::vector<base::Fd> controls, std::uint32_t generation, char* executable) {
  report::LogWriter log(log_options());
  std::optional<base::InstalledLogSink> installed(log);
  std::optional<EventLog> boot_log(std::in_place);
  static Booted booted;
  if (const auto failure = boot(booted, executable, Warmup::kRehearsed)) {
    const auto frame =
        wire::encode(wire::FrameType::kBootFailed, wire::Failed{{}, shortened(*failure)});
    const auto sent = send_control(controls.front(), frame);
    if (!sent) base::log_error(sent.error().text);
    return kBootFailed;
  }
  seal(booted.application);
  boot_log.reset();
  WorkingSet working_set;
  const wire::Ready ready = ready_message(booted.application, generation);
  for (const base::Fd& control : controls) {
    if (!send_control(control, wire::encode(ready))) return kSystemFailed;
  }
  auto socket = fork_on_demand(std::move(controls));
  if (!socket) return kServed;
  installed.reset();  // this is a child now
  run_child(booted, ready, std::move(*socket), working_set);
}

}  // namespace phork::sapi
