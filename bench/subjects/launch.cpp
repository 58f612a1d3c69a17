// SPDX-License-Identifier: MIT
#include "bench/subjects/launch.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include "runtime/base/program.h"
#include "runtime/base/settings.h"
#include "runtime/base/text.h"
#include "runtime/http/event_reader.h"
#include "runtime/process/spawn.h"

namespace phork::bench {
namespace {

namespace fs = std::filesystem;
using base::EntryKind;
using base::Error;
using base::ErrorKind;
using base::find_program;
using base::php_program_names;
using base::Result;

constexpr std::chrono::seconds kEntryKindTimeout{10};

constexpr std::array<std::string_view, 3> kBaselines = {"nginx-fpm", "php-server", "php-cgi"};

Error left_out(std::string_view name, const std::string& reason) {
  return {ErrorKind::kRefused, "bench: leave out " + std::string(name) + ": " + reason};
}

// Asks php-worker for the kind of entry `handler`, as strategy fpm does. Empty when it cannot tell.
std::optional<EntryKind> kind_of(const std::string& worker, const Launch& launch,
                                 const std::string& handler) {
  process::SpawnOptions options;
  options.program = worker;
  options.arguments = {"php-worker", "--entry-kind"};
  options.environment = environment_of(launch);
  process::set_variable(options.environment, "_HANDLER", handler);
  process::set_variable(options.environment, "LAMBDA_TASK_ROOT", launch.workload.task_root);
  const auto output =
      process::run_to_end(std::move(options), kEntryKindTimeout, process::ErrorStream::kWithOutput);
  if (!output) return std::nullopt;
  const auto kind = base::parse(base::settings::kEntry, base::trim(output->text, "\n"));
  return kind ? std::optional(kind.value()) : std::nullopt;
}

// The script that a web server runs for `launch`; "" when there is none.
std::string find_script(const std::string& worker, const Launch& launch) {
  const Workload& workload = launch.workload;
  for (const std::string& name :
       {workload.handler, std::string("public/index.php"), std::string("index.php")}) {
    const fs::path file = fs::path(workload.task_root) / name;
    std::error_code error;
    if (!fs::is_regular_file(file, error)) continue;
    if (kind_of(worker, launch, name) == EntryKind::kScript) return file.string();
  }
  return {};
}

}  // namespace

Launch strategy_launch(const std::string& bootstrap, const std::string& strategy,
                       Workload workload) {
  return {.label = strategy,
          .program = bootstrap,
          .arguments = {"--strategy=" + strategy},
          .workload = std::move(workload),
          .strategy = strategy};
}

Result<Launch> command_launch(const std::string& name_and_command, Workload workload) {
  const std::size_t equals = name_and_command.find('=');
  const std::string name = name_and_command.substr(0, equals);
  const std::string command =
      equals == std::string::npos ? "" : name_and_command.substr(equals + 1);
  if (name.empty() || command.find_first_not_of(' ') == std::string::npos) {
    return Error{ErrorKind::kInvalid,
                 "bench: read '" + name_and_command + "': expected NAME=COMMAND"};
  }
  return Launch{.label = name,
                .program = "/bin/sh",
                .arguments = {"-c", command},
                .workload = std::move(workload)};
}

Launch bref_launch(const std::string& source, const std::string& mode, Workload workload) {
  return {.label = "bref-" + mode,
          .program = source + "/bench/subjects/bref/run",
          .arguments = {mode},
          .workload = std::move(workload)};
}

emulator::FunctionConfig function_of(const Launch& launch) {
  emulator::FunctionConfig config;
  config.program = launch.program;
  config.arguments = launch.arguments;
  config.task_root = launch.workload.task_root;
  config.handler = launch.workload.handler;
  config.memory_mb = launch.memory_mb;
  config.environment = environment_of(launch);
  return config;
}

std::vector<std::string> environment_of(const Launch& launch) {
  std::vector<std::string> environment = process::current_environment();
  process::set_variable(environment, "PHORK_METRICS", launch.metrics ? "json" : "off");
  for (const auto* settings : {&launch.workload.environment, &launch.environment}) {
    for (const auto& [name, value] : *settings) process::set_variable(environment, name, value);
  }
  return environment;
}

std::span<const std::string_view> baselines() {
  return kBaselines;
}

Result<Launch> baseline_launch(std::string_view name, const std::string& worker,
                               Workload workload) {
  Launch launch{.label = std::string(name), .program = {}, .workload = std::move(workload)};
  const std::string path = base::variable("PATH");
  if (name == "nginx-fpm") {
    launch.kind = SubjectKind::kNginxFpm;
    launch.program = find_program(php_program_names("php-fpm"), path);
    launch.nginx = find_program({"nginx"}, path);
    if (launch.nginx.empty()) return left_out(name, "there is no nginx in PATH");
  } else if (name == "php-server") {
    launch.kind = SubjectKind::kPhpServer;
    launch.program = find_program(php_program_names("php"), path);
  } else if (name == "php-cgi") {
    launch.kind = SubjectKind::kPhpCgi;
    launch.program = find_program(php_program_names("php-cgi"), path);
  } else {
    return Error{ErrorKind::kInvalid, "bench: find baseline '" + std::string(name) +
                                          "': expected nginx-fpm, php-server or php-cgi"};
  }
  if (launch.program.empty()) return left_out(name, "PHP's program for it is not in PATH");
  if (!http::read_event(launch.workload.payload)) {
    return left_out(name, "the event is not an HTTP request");
  }
  launch.script = find_script(worker, launch);
  if (launch.script.empty()) {
    return left_out(name,
                    launch.workload.handler +
                        " is not a script, and neither public/index.php nor index.php is one");
  }
  return launch;
}

}  // namespace phork::bench
