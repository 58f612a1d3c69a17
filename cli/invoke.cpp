// SPDX-License-Identifier: MIT
#include "cli/invoke.h"

#include <array>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>
#include <simdjson.h>

#include "cli/command.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"

namespace phork::cli {
namespace {

using base::Error;

// Prints the part of the result that is not on stdout yet. An error after the beginning of a stream
// goes to stderr, because it is not part of the answer.
void print_result(const emulator::EventResult& result, const PrintedStream& stream) {
  if (!stream.opened()) {
    std::cout << result.body << '\n' << std::flush;
  } else if (!result.answered()) {
    std::cerr << result.body << '\n';
  }
}

base::Result<std::string> make_event(const InvokeOptions& options) {
  if (!options.request.line.empty()) return request_event(options.request);
  return options.event_file.empty() ? std::string("{}") : read_event_file(options.event_file);
}

bool is_server_error(const emulator::EventResult& result) {
  constexpr std::int64_t kServerErrors = 500;
  simdjson::dom::parser parser;
  std::int64_t status = 0;
  return parser.parse(result.body)["statusCode"].get(status) == simdjson::SUCCESS &&
         status >= kServerErrors;
}

}  // namespace

void InvokeOptions::add_to(CLI::App& command) {
  function.add_to(command);
  function.add_snapshots_to(command);
  function.add_faults_to(command);
  function.add_extensions_to(command);
  command.add_option(
      "--event", event_file,
      "JSON file of the event, - for stdin, sample:KIND for a sample (phork event); by default {}");
  request.add_to(command);
}

int invoke(const InvokeOptions& options) {
  base::Result<std::string> event = make_event(options);
  base::Result<emulator::FunctionConfig> config = options.function.resolve();
  for (const Error* error :
       {event ? nullptr : &event.error(), config ? nullptr : &config.error()}) {
    if (error != nullptr) return refuse(*error);
  }
  StopSignals signals;
  PrintedStream stream;
  emulator::EventResult result;
  const int code = serve_one({std::move(config).value(), options.function.strategy_label(),
                              std::move(event).value(), STDERR_FILENO},
                             signals, stream, result);
  if (code != 0) return code;
  print_result(result, stream);
  const bool failed = !options.request.line.empty() && !stream.opened() && is_server_error(result);
  return result.answered() && !failed ? kOk : kFailed;
}

bool PrintedStream::write(std::string_view bytes) {
  std::array<iovec, 1> parts{base::as_iovec(bytes)};
  return base::write_all(STDOUT_FILENO, parts).ok();
}

int serve_one(OneEvent event, StopSignals& signals, PrintedStream& stream,
              emulator::EventResult& result) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader of stdout may stop early
  emulator::LogSink log(event.log_fd);
  emulator::LocalLambda lambda(std::move(event.config), log, std::move(event.strategy_label));
  signals.on_stop([&lambda] { lambda.request_stop(); });
  const base::Status started = lambda.start();
  if (started.ok()) {
    emulator::Event first;
    first.payload = std::move(event.payload);
    result = lambda.invoke(std::move(first), stream);
  }
  signals.on_stop({});
  lambda.stop();
  log.flush();
  if (const int code = signals.stopped_code(); code != 0 && !result.answered()) return code;
  return started ? kOk : refuse(started.error());
}

}  // namespace phork::cli
