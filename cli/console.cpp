// SPDX-License-Identifier: MIT
#include "cli/console.h"

#include <cstdint>
#include <iostream>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>
#include <simdjson.h>

#include "cli/command.h"
#include "cli/command_output.h"
#include "cli/invoke.h"
#include "packaging/archive/scratch.h"
#include "runtime/base/json_writer.h"
#include "runtime/process/spawn.h"

namespace phork::cli {
namespace {

constexpr unsigned kTimeoutS = 900;  // the longest that Lambda has

std::string make_event(const std::vector<std::string>& arguments) {
  base::JsonWriter json;
  json.begin_object().key("argv").begin_array();
  for (const std::string& argument : arguments) json.string(argument);
  json.end_array().end_object();
  return std::move(json).text();
}

}  // namespace

void ConsoleOptions::add_to(CLI::App& command) {
  function.timeout_s = kTimeoutS;
  function.add_to(command);
  command.get_option("--handler")
      ->description(
          "The console, a file in DIR; by default the first that exists of bin/console, "
          "artisan");
  command.add_option("ARGUMENTS", arguments, "The command and its arguments, behind --");
}

int console(const ConsoleOptions& options) {
  FunctionOptions function = options.function;
  auto handler = find_console(function.handler, function.directory);
  if (!handler) return refuse(handler.error());
  function.handler = std::move(handler).value();
  auto config = function.resolve();
  if (!config) return refuse(config.error());
  StopSignals signals;
  emulator::EventResult result;
  {
    packaging::Scratch scratch;
    auto output = CommandOutput::open(scratch, STDOUT_FILENO);
    if (!output) return refuse(output.error());
    config->bare_log = true;
    process::set_variable(config->environment, "PHORK_ENTRY", "console");
    process::set_variable(config->environment, "PHORK_CONSOLE_OUTPUT", output.value()->path());
    process::set_variable(config->environment, "AWS_LAMBDA_LOG_FORMAT", "Text");
    PrintedStream stream;
    const int failed = serve_one({std::move(config).value(), function.strategy_label(),
                                  make_event(options.arguments), STDERR_FILENO},
                                 signals, stream, result);
    if (failed != 0) return failed;
  }
  simdjson::dom::parser parser;
  std::int64_t code = 0;
  const bool ended =
      result.answered() && parser.parse(result.body)["exitCode"].get(code) == simdjson::SUCCESS;
  if (!ended) std::cerr << result.body << '\n';
  return ended ? static_cast<int>(code) : kFailed;
}

}  // namespace phork::cli
