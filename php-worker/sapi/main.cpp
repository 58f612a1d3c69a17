// SPDX-License-Identifier: MIT
//
// php-worker: the process that holds PHP. bootstrap starts it in one of these modes:
//   --zygote=N [GENERATION] [--rollback]
//                            boot, then fork on demand for N slots; control sockets are descriptors
//                            3..3+N-1; with --rollback children serve event after event
//   --worker [--rehearse]    boot, serve one event over the channel at descriptor 3, end
//   --runtime-api [EXTENSION]
//                            boot, then serve events from the Runtime API (strategy inprocess);
//                            EXTENSION is the identifier of an extension registered earlier
//   --entry-kind             print whether the entry is a handler or a script
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include "php-worker/sapi/engine.h"
#include "php-worker/sapi/entry_point.h"
#include "php-worker/sapi/event_log.h"
#include "php-worker/sapi/modes/boot.h"
#include "php-worker/sapi/modes/inprocess.h"
#include "php-worker/sapi/modes/worker.h"
#include "php-worker/sapi/modes/zygote.h"
#include "php-worker/sapi/request.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/event/invocation.h"
#include "runtime/lambda/extension.h"
#include "runtime/lambda/http_runtime_api.h"
#include "runtime/logging/log_pipe.h"
#include "runtime/logging/log_writer.h"

namespace {

using namespace phork;

constexpr int kFirstDescriptor = 3;

// Takes a descriptor that this process was started with, and keeps it from programs that PHP
// starts.
base::Fd take_descriptor(int raw) {
  base::check(::fcntl(raw, F_SETFD, FD_CLOEXEC), "php-worker: take an inherited descriptor");
  return base::Fd(raw);
}

int run_zygote(int slots, std::uint32_t generation, char* executable,
               sapi::AfterEvent after_event) {
  std::vector<base::Fd> controls;
  controls.reserve(static_cast<std::size_t>(slots));
  for (int slot = 0; slot < slots; ++slot) {
    controls.push_back(take_descriptor(kFirstDescriptor + slot));
  }
  return sapi::run_zygote(std::move(controls), generation, executable, after_event);
}

int run_worker(char* executable, sapi::Warmup warmup) {
  sapi::Channel channel(take_descriptor(kFirstDescriptor));
  static sapi::Booted booted;
  if (const auto failure = sapi::boot(booted, executable, warmup)) {
    const auto sent =
        channel.send(wire::encode(wire::FrameType::kBootFailed, wire::Failed{{}, *failure}));
    if (!sent) base::log_error(sent.error().text);
    return base::kFailed;
  }
  sapi::serve_one_event(booted.application, channel, sapi::ready_message(booted.application, 0));
}

sapi::InprocessMode::Limits limits() {
  return {base::value_of(base::settings::kMaxEvents),
          std::chrono::milliseconds(base::value_of(base::settings::kDeadlineMarginMs))};
}

// On SIGTERM the current event ends, and then the process. The handler may call interrupt(), which
// is async-signal-safe.
void drain_on_sigterm(lambda::RuntimeApi& api) {
  static lambda::RuntimeApi* interrupted = nullptr;
  interrupted = &api;

  struct sigaction action {};

  action.sa_handler = [](int) { interrupted->interrupt(); };
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

// Runs the same program again in the same process, with nothing left of PHP. Lambda sees no exit.
int restart(char* executable, const std::string& extension) {
  std::fflush(nullptr);
  ::execl("/proc/self/exe", executable, "--runtime-api", extension.c_str(), nullptr);
  base::log_error(base::system_error("php-worker: restart", errno).text);
  return base::kSystemFailed;
}

// Returns the exit code, or InprocessMode::kRestart. `extension` is an identifier, "" when there is
// none.
int serve_from_api(const lambda::Variables& environment, base::MetricsFormat metrics,
                   char* executable, std::string& extension) {
  lambda::HttpRuntimeApi api(environment.runtime_api, {.is_interruptible = true});
  static sapi::Booted booted;
  std::optional<sapi::EventLog> log(std::in_place);
  if (const auto failure = sapi::boot(booted, executable, sapi::Warmup::kRehearsed)) {
    event::log_failure("php-worker: boot", *failure);
    const auto posted = api.fail_init(*failure);
    if (!posted) base::log_error(posted.error().text);
    return base::kFailed;
  }
  log.reset();
  std::optional<lambda::ParkedExtension> parked;
  if (base::value_of(base::settings::kGracefulShutdown)) {
    parked.emplace(environment.runtime_api, extension);
    extension = parked->identifier();
  }
  drain_on_sigterm(api);
  sapi::InprocessMode mode(booted.application, booted.entry, api,
                           {metrics, environment.function_name}, limits(),
                           [] { return sapi::boot_again(booted); });
  const int code = mode.run();
  if (code == sapi::InprocessMode::kRestart) return code;
  log.emplace();
  sapi::end_user_code(sapi::Lifetime::kOneEvent);
  return code;
}

int run_runtime_api(char* executable, std::string extension) {
  auto environment = lambda::read_variables();
  if (!environment) {
    base::log_error(environment.error().text);
    return base::kUsedWrongly;
  }
  const base::MetricsFormat metrics = base::value_of(base::settings::kMetrics);
  base::Fd frames = logging::take_log_descriptor();
  const int raw_frames = frames.get();
  logging::LogWriter log({environment->log_format, environment->log_level, std::move(frames)});
  const base::InstalledLogSink installed(log);
  const int code = serve_from_api(environment.value(), metrics, executable, extension);
  if (code != sapi::InprocessMode::kRestart) return code;
  logging::hand_on_log_descriptor(raw_frames);
  return restart(executable, extension);
}

int print_entry_kind(char* executable) {
  const auto entry = sapi::find_entry_point();
  const auto started = entry ? sapi::start_php(executable) : base::Status(entry.error());
  if (!started) {
    base::log_error(started.error().text);
    return base::kFailed;
  }
  const auto kind = sapi::detect_entry_kind(entry->files.entry_file);
  std::printf("%s\n", std::string(base::settings::kEntry.word(kind)).c_str());
  return base::kOk;
}

int run(int argument_count, char** arguments) {
  const std::string_view mode = argument_count > 1 ? arguments[1] : "";
  constexpr std::string_view kZygote = "--zygote=";
  const std::string_view option = argument_count > 2 ? arguments[2] : "";
  if (mode == "--worker")
    return run_worker(arguments[0],
                      option == "--rehearse" ? sapi::Warmup::kRehearsed : sapi::Warmup::kSkipped);
  if (mode == "--runtime-api") return run_runtime_api(arguments[0], std::string(option));
  if (mode == "--entry-kind") return print_entry_kind(arguments[0]);
  if (mode == "--version") {
    std::printf("php-worker %s (PHP %s)\n", PHORK_VERSION, PHP_VERSION);
    return base::kOk;
  }
  int slots = 0;
  if (mode.starts_with(kZygote)) {
    std::from_chars(mode.data() + kZygote.size(), mode.data() + mode.size(), slots);
    std::uint32_t generation = 1;
    std::from_chars(option.data(), option.data() + option.size(), generation);
    const bool rolls_back = argument_count > 3 && std::string_view(arguments[3]) == "--rollback";
    const auto after_event = rolls_back ? sapi::AfterEvent::kRollBack : sapi::AfterEvent::kEnd;
    if (slots > 0) return run_zygote(slots, generation, arguments[0], after_event);
  }
  std::fprintf(
      stderr,
      "php-worker: expected --zygote=N, --worker, --runtime-api, --entry-kind or --version; "
      "this program is started by bootstrap\n");
  return base::kUsedWrongly;
}

}  // namespace

int main(int argument_count, char** arguments) {
  int code = base::kSystemFailed;
  try {
    code = run(argument_count, arguments);
  } catch (const std::exception& error) {
    base::log_error(error.what());
  }
  // PHP is never shut down (engine.h).
  std::fflush(nullptr);
  ::_exit(code);
}
