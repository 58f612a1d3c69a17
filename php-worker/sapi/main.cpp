// SPDX-License-Identifier: MIT
//
// php-worker: the process that holds PHP. Started by bootstrap only, in one of its modes:
//   --zygote=N [GENERATION]  boot, then fork on demand for N slots; control sockets are descriptors
//                            3..3+N-1
//   --worker [--rehearse]    boot, serve one event over the channel at descriptor 3, end
//   --runtime-api [EXTENSION]
//                            boot, then serve events from the Runtime API (strategy inprocess);
//                            EXTENSION is the identifier of an extension that was enrolled before
//   --entry-kind             print whether the entry is a handler or a script
#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <string_view>
#include <unistd.h>

#include "php-worker/sapi/bailout.h"
#include "php-worker/sapi/engine.h"
#include "php-worker/sapi/entry_kind.h"
#include "php-worker/sapi/event_log.h"
#include "php-worker/sapi/event_loop.h"
#include "php-worker/sapi/failure.h"
#include "php-worker/sapi/rehearsal.h"
#include "php-worker/sapi/request.h"
#include "php-worker/sapi/seal.h"
#include "php-worker/sapi/worker.h"
#include "php-worker/sapi/working_set.h"
#include "php-worker/sapi/zygote.h"
#include "runtime/base/log.h"
#include "runtime/lambda/extension.h"
#include "runtime/lambda/http_runtime_api.h"
#include "runtime/report/log_descriptor.h"
#include "runtime/report/log_writer.h"

namespace {

using namespace phork;

constexpr int kExitBootFailed = 1;
constexpr int kExitUsedWrongly = 100;
constexpr int kExitSystemFailed = 111;
constexpr int kFirstDescriptor = 3;

const auto kStarted = std::chrono::steady_clock::now();

struct Booted {
  sapi::Site site;
  sapi::Application application;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Our PHP files: beside the program as in the layer, else where they were built from.
std::string library_folder() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const auto beside = program.parent_path() / "php";
  return std::filesystem::is_directory(beside, ignored) ? beside.string() : PHORK_PHP_FOLDER;
}

std::optional<base::Failure> boot_application(Booted& booted) {
  if (auto failure = booted.application.boot(booted.site, library_folder())) return failure;
  sapi::close_boot();
  return std::nullopt;
}

std::optional<base::Failure> boot(Booted& booted, char* executable, bool with_rehearsal = true) {
  auto site = sapi::find_site();
  if (!site) return base::Failure{"Runtime.HandlerNotFound", site.error().text, {}};
  booted.site = std::move(site).value();
  if (const auto started = sapi::start_php(executable); !started) {
    return base::Failure{"Runtime.PhpFatal", started.error().text, {}};
  }
  if (booted.site.kind == base::EntryKind::kAuto) {
    booted.site.kind = sapi::detect_entry_kind(booted.site.files.entry_file);
  }
  if (auto failure = boot_application(booted)) return failure;
  if (!with_rehearsal) return std::nullopt;
  return sapi::rehearse(booted.application, booted.site, variable("PHORK_WARMUP"));
}

wire::Ready ready_message(const sapi::Application& application, std::uint32_t generation) {
  const auto spent = std::chrono::steady_clock::now() - kStarted;
  return {application.serves(), generation,
          static_cast<std::uint64_t>(
              std::chrono::duration_cast<std::chrono::microseconds>(spent).count())};
}

// Descriptors we were started with are not for the programs that PHP starts.
base::Fd take_descriptor(int raw) {
  base::check(::fcntl(raw, F_SETFD, FD_CLOEXEC), "php-worker: take an inherited descriptor");
  return base::Fd(raw);
}

// Of a zygote: the supervisor reads its children's streams, but not its own.
report::LogOptions zygote_log_options() {
  const auto environment = lambda::read_environment();  // which bootstrap has checked
  if (!environment) return {};
  return {environment->log_format, environment->log_level, {}};
}

int run_zygote(int slots, std::uint32_t generation, char* executable) {
  std::vector<base::Fd> controls;
  controls.reserve(static_cast<std::size_t>(slots));
  for (int slot = 0; slot < slots; ++slot) {
    controls.push_back(take_descriptor(kFirstDescriptor + slot));
  }
  report::LogWriter log(zygote_log_options());
  std::optional<base::InstalledLogSink> installed(log);
  std::optional<sapi::EventLog> boot_log(std::in_place);
  static Booted booted;
  if (const auto failure = boot(booted, executable)) {
    const auto frame =
        wire::encode(wire::FrameType::kBootFailed, wire::Failed{{}, sapi::shortened(*failure)});
    const auto sent = sapi::send_control(controls.front(), frame);
    if (!sent) base::log_error(sent.error().text);
    return kExitBootFailed;
  }
  sapi::seal(booted.application);
  boot_log.reset();
  sapi::WorkingSet working_set;
  const wire::Ready ready = ready_message(booted.application, generation);
  for (const base::Fd& control : controls) {
    if (!sapi::send_control(control, wire::encode(ready))) return kExitSystemFailed;
  }
  auto channel_socket = sapi::fork_on_demand(std::move(controls));
  if (!channel_socket) return 0;
  installed.reset();  // this is a child now
  sapi::Channel channel(std::move(*channel_socket));
  sapi::prepare_child(booted.application);
  working_set.touch();
  sapi::serve_one_event(
      booted.application, channel, ready,
      [&working_set](const wire::Usage& usage) { working_set.learn(usage.minor_faults); });
}

int run_worker(char* executable, bool with_rehearsal) {
  sapi::Channel channel(take_descriptor(kFirstDescriptor));
  static Booted booted;
  if (const auto failure = boot(booted, executable, with_rehearsal)) {
    const auto sent =
        channel.send(wire::encode(wire::FrameType::kBootFailed, wire::Failed{{}, *failure}));
    if (!sent) base::log_error(sent.error().text);
    return kExitBootFailed;
  }
  sapi::serve_one_event(booted.application, channel, ready_message(booted.application, 0));
}

// bootstrap has checked both.
sapi::EventLoop::Limits limits() {
  sapi::EventLoop::Limits limits;
  const auto read = [](const char* name, auto fallback) {
    const std::string text = variable(name);
    std::from_chars(text.data(), text.data() + text.size(), fallback);
    return fallback;
  };
  limits.max_events = read("PHORK_MAX_EVENTS", limits.max_events);
  limits.deadline_margin =
      std::chrono::milliseconds(read("PHORK_DEADLINE_MARGIN_MS", limits.deadline_margin.count()));
  return limits;
}

// SIGTERM lets the event under way end, and then the process: its handler may call interrupt(),
// which is async-signal-safe.
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

// The same program in the same process, with nothing left of PHP. Lambda sees no end.
int start_anew(char* executable, const std::string& extension) {
  std::fflush(nullptr);
  ::execl("/proc/self/exe", executable, "--runtime-api", extension.c_str(), nullptr);
  base::log_error(base::system_error("php-worker: start anew", errno).text);
  return kExitSystemFailed;
}

// The exit code, or EventLoop::kRestart. `extension` is an identifier, "" when there is none.
int serve_from_api(const lambda::Environment& environment, report::MetricsFormat metrics,
                   char* executable, std::string& extension) {
  lambda::HttpRuntimeApi api(environment.runtime_api);
  static Booted booted;
  std::optional<sapi::EventLog> log(std::in_place);
  if (const auto failure = boot(booted, executable)) {
    base::log_failure("php-worker: boot", *failure);
    const auto posted = api.fail_init(*failure);
    if (!posted) base::log_error(posted.error().text);
    return kExitBootFailed;
  }
  log.reset();
  std::optional<lambda::ParkedExtension> parked;
  if (variable("PHORK_GRACEFUL_SHUTDOWN") == "on") {
    parked.emplace(environment.runtime_api, extension);
    extension = parked->identifier();
  }
  drain_on_sigterm(api);
  sapi::EventLoop loop(booted.application, booted.site, api, metrics, limits(),
                       [] { return boot_application(booted); });
  const int code = loop.run();
  if (code == sapi::EventLoop::kRestart) return code;
  log.emplace();
  sapi::end_user_code(sapi::Lifetime::kOneEvent);
  return code;
}

int run_runtime_api(char* executable, std::string extension) {
  auto environment = lambda::read_environment();
  if (!environment) {
    base::log_error(environment.error().text);
    return kExitUsedWrongly;
  }
  const auto metrics = report::parse_metrics_format(variable("PHORK_METRICS"));
  if (!metrics) {
    base::log_error(metrics.error().text);
    return kExitUsedWrongly;
  }
  base::Fd frames = report::take_log_descriptor();
  const int raw_frames = frames.get();
  report::LogWriter log({environment->log_format, environment->log_level, std::move(frames)});
  const base::InstalledLogSink installed(log);
  const int code = serve_from_api(environment.value(), metrics.value(), executable, extension);
  if (code != sapi::EventLoop::kRestart) return code;
  report::hand_on_log_descriptor(raw_frames);
  return start_anew(executable, extension);
}

int print_entry_kind(char* executable) {
  const auto site = sapi::find_site();
  const auto started = site ? sapi::start_php(executable) : base::Status(site.error());
  if (!started) {
    base::log_error(started.error().text);
    return kExitBootFailed;
  }
  const auto kind = sapi::detect_entry_kind(site->files.entry_file);
  std::printf("%s\n", std::string(base::name(kind)).c_str());
  return 0;
}

int run(int argument_count, char** arguments) {
  const std::string_view mode = argument_count > 1 ? arguments[1] : "";
  constexpr std::string_view kZygote = "--zygote=";
  const std::string_view option = argument_count > 2 ? arguments[2] : "";
  if (mode == "--worker") return run_worker(arguments[0], option == "--rehearse");
  if (mode == "--runtime-api") return run_runtime_api(arguments[0], std::string(option));
  if (mode == "--entry-kind") return print_entry_kind(arguments[0]);
  if (mode == "--version") {
    std::printf("php-worker %s (PHP %s)\n", PHORK_VERSION, PHP_VERSION);
    return 0;
  }
  int slots = 0;
  if (mode.starts_with(kZygote)) {
    std::from_chars(mode.data() + kZygote.size(), mode.data() + mode.size(), slots);
    std::uint32_t generation = 1;
    std::from_chars(option.data(), option.data() + option.size(), generation);
    if (slots > 0) return run_zygote(slots, generation, arguments[0]);
  }
  std::fprintf(
      stderr,
      "php-worker: expected --zygote=N, --worker, --runtime-api, --entry-kind or --version; "
      "this program is started by bootstrap\n");
  return kExitUsedWrongly;
}

}  // namespace

int main(int argument_count, char** arguments) {
  int code = kExitSystemFailed;
  try {
    code = run(argument_count, arguments);
  } catch (const std::exception& error) {
    base::log_error(error.what());
  }
  // PHP is never shut down (engine.h).
  std::fflush(nullptr);
  ::_exit(code);
}
