// SPDX-License-Identifier: MIT
//
// php-worker: the process that holds PHP. bootstrap starts it in one of these modes; a seat's
// descriptors begin at 3 (runtime/slot/worker_side.h):
//   --inprocess   boot, then take one event after another
//   --next        boot, take one event, end
//   --given       serve the event in the file at the descriptor behind the seat's, end
//   --zygote=N    boot, then fork for N slots of two seats each; the control socket comes first
//   --compile     boot, and leave compiled code for later cold starts (file_cache.h)
//   --entry-kind  print whether the entry is a handler, a script or a console
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>

#include "php-worker/sapi/engine.h"
#include "php-worker/sapi/entry_point.h"
#include "php-worker/sapi/learning/rehearsal.h"
#include "php-worker/sapi/modes/boot.h"
#include "php-worker/sapi/modes/event_service.h"
#include "php-worker/sapi/modes/inprocess.h"
#include "php-worker/sapi/modes/one_event.h"
#include "php-worker/sapi/modes/snap_start.h"
#include "php-worker/sapi/modes/zygote.h"
#include "php-worker/sapi/request.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/base/text.h"
#include "runtime/lambda/http_runtime_api.h"
#include "runtime/process/known_children.h"
#include "runtime/process/privacy.h"
#include "runtime/slot/report.h"
#include "runtime/slot/worker_side.h"

namespace {

using namespace phork;

// Before a snapshot and after its restore, in a worker that is a program of its own. A value says
// why it cannot serve.
std::optional<event::Failure> await_restore(sapi::Booted& booted, lambda::HttpRuntimeApi& api,
                                            slot::WorkerSide& slot) {
  if (auto failure = sapi::hang_up_network(api.connection().socket())) return failure;
  if (!slot.await_restore()) sapi::end_process(base::kSystemFailed);
  api.connection().reopen();
  return sapi::go_on_restored(booted.application, sapi::run_between_events);
}

// A worker that is a program of its own: boots, says so to the supervisor, and serves.
int run_worker(std::string_view mode, char* executable) {
  process::open_for_core_files();
  // Of one that serves one event alone: it ends them before it ends.
  if (mode != "--inprocess") process::adopt_orphans();
  static sapi::Booted booted;
  slot::WorkerSide slot;
  sapi::WorkerLog log(slot);
  const base::InstalledLogSink installed(log);
  const auto environment = lambda::read_variables();
  if (!environment) {
    base::log_error(environment.error().text);
    return base::kUsedWrongly;
  }
  lambda::HttpRuntimeApi api(environment->runtime_api);
  // The first request is repeated, too, if the API closes the connection before it replies.
  api.connection().reopen();
  if (mode == "--given") {
    const base::Fd reply(slot::kFirstDescriptor + slot::kProgramDescriptors);
    sapi::serve_given_event(booted, executable, reply, api, slot);
  }
  auto failure = sapi::boot(booted, executable, sapi::Warmup::kRehearsed);
  if (!failure && base::is_snap_start()) failure = await_restore(booted, api, slot);
  if (failure) {
    slot.send(slot::encode(slot::BootReport{*failure}));
    return base::kFailed;
  }
  sapi::start_clock().log();
  sapi::end_on_signal(api, slot);
  slot.ready();
  slot.send(slot::encode(slot::ReadyReport{}));
  if (mode == "--next") sapi::serve_next_event(booted, api, slot);
  return sapi::serve_inprocess(booted, api, slot);
}

// For `RUN php-worker --compile`, with the function's variables, when an image is built.
int compile(char* executable) {
  static sapi::Booted booted;
  if (const auto failure = sapi::boot(booted, executable, sapi::Warmup::kRehearsedToCompile)) {
    event::log_failure("php-worker: compile", *failure);
    return failure->type == sapi::kInvalidWarmup ? base::kUsedWrongly : base::kFailed;
  }
  const auto published = sapi::publish_file_cache();
  if (!published) base::log_error(published.error().text);
  return published ? base::kOk : base::kFailed;
}

int print_entry_kind(char* executable) {
  const auto entry = sapi::find_entry_point();
  const auto started = entry ? sapi::start_php(executable) : base::Status(entry.error());
  if (!started) {
    base::log_error(started.error().text);
    return base::kFailed;
  }
  const auto kind = entry->kind == base::EntryKind::kConsole
                        ? entry->kind
                        : sapi::detect_entry_kind(entry->files.entry_file);
  std::printf("%s\n", std::string(base::settings::kEntry.word(kind)).c_str());
  return base::kOk;
}

// `--zygote=SLOTS GENERATION REFILL BEGAN [--rollback]`, as bootstrap writes it.
std::optional<sapi::ZygoteOptions> read_zygote_options(int argument_count, char** arguments) {
  constexpr std::string_view kZygote = "--zygote=";
  if (argument_count < 5 || !std::string_view(arguments[1]).starts_with(kZygote)) return {};
  sapi::ZygoteOptions options;
  const auto slots = base::parse_number<unsigned>(arguments[1] + kZygote.size());
  const auto generation = base::parse_number<std::uint32_t>(arguments[2]);
  const auto refill = base::parse(base::settings::kRefill, arguments[3]);
  const auto began = base::parse_number<std::int64_t>(arguments[4]);
  if (!slots || *slots == 0 || !generation || !refill || !began) return {};
  options.slots = *slots;
  options.generation = *generation;
  options.refill = refill.value();
  options.began_ns = *began;
  options.rolls_back = argument_count > 5 && std::string_view(arguments[5]) == "--rollback";
  return options;
}

int run(int argument_count, char** arguments) {
  const std::string_view mode = argument_count > 1 ? arguments[1] : "";
  // An event of another worker may run already, as the same user.
  process::close_to_others();
  if (mode == "--inprocess" || mode == "--next" || mode == "--given") {
    return run_worker(mode, arguments[0]);
  }
  if (mode == "--compile") return compile(arguments[0]);
  if (mode == "--entry-kind") return print_entry_kind(arguments[0]);
  if (mode == "--version") {
    // One text in the program, which packaging/layer/extensions.cpp finds without running it.
    std::puts("php-worker " PHORK_VERSION " (PHP " PHP_VERSION ")");
    return base::kOk;
  }
  if (const auto options = read_zygote_options(argument_count, arguments)) {
    return sapi::run_zygote(*options, arguments[0]);
  }
  std::fprintf(stderr,
               "php-worker: expected --inprocess, --next, --given, --zygote=N, --compile, "
               "--entry-kind or --version; this program is started by bootstrap\n");
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
