// SPDX-License-Identifier: MIT
#include "bench/subjects/launch.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <unistd.h>
#include <utility>

#include "runtime/base/read_to_end.h"
#include "runtime/event/entry_kind.h"
#include "runtime/http/event_reader.h"
#include "runtime/process/spawn.h"

namespace phork::bench {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;
using event::EntryKind;

constexpr std::chrono::seconds kAskTimeout{10};
// Servers lie where PATH of a user does not lead.
constexpr std::string_view kServerFolders = ":/usr/local/sbin:/usr/sbin:/sbin";

constexpr std::array<std::string_view, 3> kBaselines = {"nginx-fpm", "php-server", "php-cgi"};

Error left_out(std::string_view name, const std::string& reason) {
  return {ErrorKind::kRefused, "bench: leave out " + std::string(name) + ": " + reason};
}

// The first of `names`, "" when none is there.
std::string find_program(const std::vector<std::string>& names) {
  const char* path = std::getenv("PATH");
  const std::string folders = std::string(path == nullptr ? "" : path).append(kServerFolders);
  for (const std::string& name : names) {
    for (std::size_t begin = 0; begin <= folders.size();) {
      const std::size_t end = std::min(folders.find(':', begin), folders.size());
      std::string file = folders.substr(begin, end - begin) + '/' + name;
      if (::access(file.c_str(), X_OK) == 0 && !fs::is_directory(file)) return file;
      begin = end + 1;
    }
  }
  return {};
}

std::vector<std::string> versions_of(const std::string& program) {
  return {program, program + "8.4", program + "8.3", program + "8.2"};
}

// What the entry `handler` is: php-worker is asked, as strategy fpm does. Nothing when it cannot
// tell.
std::optional<EntryKind> kind_of(const std::string& worker, const Launch& launch,
                                 const std::string& handler) {
  Result<base::FdPair> pipe = base::open_pipe();
  if (!pipe) return std::nullopt;
  process::SpawnOptions options;
  options.program = worker;
  options.arguments = {"php-worker", "--entry-kind"};
  options.environment = environment_of(launch);
  process::set_variable(options.environment, "_HANDLER", handler);
  process::set_variable(options.environment, "LAMBDA_TASK_ROOT", launch.application.task_root);
  options.descriptors = {{pipe->second.get(), STDOUT_FILENO}, {pipe->second.get(), STDERR_FILENO}};
  const auto process = process::Process::spawn(options);
  if (!process) return std::nullopt;
  pipe->second.reset();
  std::string word =
      base::read_to_end(pipe->first.get(), std::chrono::steady_clock::now() + kAskTimeout);
  while (word.ends_with('\n')) word.pop_back();
  return event::parse_entry_kind(word);
}

// The file that a web server runs for `launch`, "" when it has none.
std::string find_script(const std::string& worker, const Launch& launch) {
  const Application& application = launch.application;
  for (const std::string& name :
       {application.handler, std::string("public/index.php"), std::string("index.php")}) {
    const fs::path file = fs::path(application.task_root) / name;
    std::error_code error;
    if (!fs::is_regular_file(file, error)) continue;
    if (kind_of(worker, launch, name) == EntryKind::kScript) return file.string();
  }
  return {};
}

}  // namespace

Launch strategy_launch(const std::string& bootstrap, const std::string& strategy,
                       Application application) {
  return {.label = strategy,
          .program = bootstrap,
          .arguments = {"--strategy=" + strategy},
          .application = std::move(application),
          .strategy = strategy};
}

Result<Launch> command_launch(const std::string& name_and_command, Application application) {
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
                .application = std::move(application)};
}

std::vector<std::string> environment_of(const Launch& launch) {
  std::vector<std::string> environment = process::current_environment();
  process::set_variable(environment, "PHORK_METRICS", launch.metrics ? "json" : "off");
  for (const auto* settings : {&launch.application.environment, &launch.environment}) {
    for (const auto& [name, value] : *settings) process::set_variable(environment, name, value);
  }
  return environment;
}

std::span<const std::string_view> baselines() {
  return kBaselines;
}

Result<Launch> baseline_launch(std::string_view name, const std::string& worker,
                               Application application) {
  Launch launch{.label = std::string(name), .program = {}, .application = std::move(application)};
  if (name == "nginx-fpm") {
    launch.kind = SubjectKind::kNginxFpm;
    launch.program = find_program(versions_of("php-fpm"));
    launch.front = find_program({"nginx"});
    if (launch.front.empty()) return left_out(name, "there is no nginx in PATH");
  } else if (name == "php-server") {
    launch.kind = SubjectKind::kPhpServer;
    launch.program = find_program(versions_of("php"));
  } else if (name == "php-cgi") {
    launch.kind = SubjectKind::kPhpCgi;
    launch.program = find_program(versions_of("php-cgi"));
  } else {
    return Error{ErrorKind::kInvalid, "bench: find baseline '" + std::string(name) +
                                          "': expected nginx-fpm, php-server or php-cgi"};
  }
  if (launch.program.empty()) return left_out(name, "PHP's program for it is not in PATH");
  if (!http::read_event(launch.application.payload)) {
    return left_out(name, "the event is no HTTP request");
  }
  launch.script = find_script(worker, launch);
  if (launch.script.empty()) {
    return left_out(name, launch.application.handler +
                              " is no script, and neither public/index.php nor index.php is one");
  }
  return launch;
}

}  // namespace phork::bench
