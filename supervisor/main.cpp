// SPDX-License-Identifier: MIT
//
// bootstrap, the program that Lambda starts. Reads its settings, wires the parts together and runs
// them.
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include <CLI/CLI.hpp>

#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/base/php_folder.h"
#include "runtime/base/settings.h"
#include "runtime/base/start_clock.h"
#include "runtime/event/invocation.h"
#include "runtime/lambda/handler_path.h"
#include "runtime/lambda/http_runtime_api.h"
#include "runtime/lambda/project_file.h"
#include "runtime/logging/log_pipe.h"
#include "runtime/logging/log_writer.h"
#include "runtime/process/inheritance.h"
#include "runtime/process/known_children.h"
#include "runtime/process/privacy.h"
#include "supervisor/exec_wrapper.h"
#include "supervisor/flags.h"
#include "supervisor/limits.h"
#include "supervisor/seat.h"
#include "supervisor/supervisor.h"
#include "supervisor/unknown_variables.h"

namespace {

using namespace phork;

base::StartClock start_clock("bootstrap");

// One line for each strategy: letter, name, whether it isolates. For scripts.
void print_strategies() {
  for (const strategies::StrategyEntry& entry : strategies::all_strategies()) {
    std::printf("%c %s %s\n", entry.letter, std::string(entry.name).c_str(),
                entry.isolates ? "isolated" : "shared");
  }
}

base::Status find_files(supervisor::Config& config) {
  std::error_code ignored;
  const std::string library =
      base::php_folder(std::filesystem::canonical(config.settings.worker_path, ignored));
  auto found = lambda::find_entry_files(config.environment.task_root, library);
  if (!found) return std::move(found).error();
  config.settings.routing = http::routing_of(found->entry.file, config.route);
  config.settings.entry_function = std::move(found->entry.function);
  config.settings.preboot_file = std::move(found->preboot);
  return base::ok_status();
}

supervisor::ApiFactory api_at(const lambda::Endpoint& endpoint) {
  return [endpoint] {
    auto api = std::make_unique<lambda::HttpRuntimeApi>(endpoint);
    // The first request is repeated, too, if the API closes the connection before it replies.
    api->connection().reopen();
    return api;
  };
}

// A mistake in the settings. Lambda shows it to whoever deploys the function, if it can be told.
int refuse(const std::string& mistake) {
  base::log_error(mistake);
  const auto endpoint = lambda::parse_endpoint(base::variable("AWS_LAMBDA_RUNTIME_API"));
  if (endpoint) {
    static_cast<void>(
        api_at(endpoint.value())()->fail_init({"Runtime.InvalidSetting", mistake, {}}));
  }
  return base::kUsedWrongly;
}

int supervise(supervisor::Config config) {
  base::Fd frames = logging::take_log_descriptor();
  logging::LogWriter log(
      {config.environment.log_format, config.environment.log_level, std::move(frames)});
  const base::InstalledLogSink installed(log);
  process::adopt_orphans();
  supervisor::limit_core_files(config.core_dumps);
  const supervisor::ApiFactory make_api = api_at(config.environment.runtime_api);
  if (const auto room = supervisor::make_room_for_descriptors(config); !room) {
    return supervisor::report_boot(make_api, {"Runtime.BootFailed", room.error().text, {}}, true);
  }
  process::pass_on_as_now();  // with the limits above
  // Of an event of whoever has started this program.
  ::unsetenv(event::kTraceVariable);
  if (const auto found = find_files(config); !found) {
    return supervisor::report_boot(make_api, {"Runtime.HandlerNotFound", found.error().text, {}},
                                   true);
  }
  supervisor::warn_of_unknown_variables();
  start_clock.end_part("settings");
  start_clock.log();
  std::unique_ptr<strategies::Strategy> strategy;
  if (config.strategy->workers == strategies::Workers::kServed) {
    strategy = strategies::make_strategy(config.settings);
  }
  return supervisor::Supervisor(std::move(config), std::move(strategy), make_api).run();
}

int run(int argument_count, char** arguments) {
  CLI::App app;
  supervisor::Flags flags;
  flags.add_to(app);
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::Success& wish) {
    return app.exit(wish);
  } catch (const CLI::ParseError& error) {
    return refuse(error.what());
  }
  if (flags.list_strategies) {
    print_strategies();
    return base::kOk;
  }
  if (const auto wrapped =
          supervisor::run_wrapper_once({arguments, static_cast<std::size_t>(argument_count)});
      !wrapped) {
    return refuse(wrapped.error().text);
  }
  if (const auto project = lambda::adopt_project(base::variable("LAMBDA_TASK_ROOT")); !project) {
    return refuse(project.error().text);
  }
  auto config = supervisor::read_config(flags);
  if (!config) return refuse(config.error().text);
  return supervise(std::move(config).value());
}

}  // namespace

int main(int argument_count, char** arguments) {
  // An event's code runs as the same user, and must neither read the log of others nor write here.
  process::close_to_others();
  // The reader of our output may be gone; then the write fails, and this program goes on.
  std::signal(SIGPIPE, SIG_IGN);
  // The same for a file that has reached its size limit.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return run(argument_count, arguments);
  } catch (const std::exception& error) {
    base::log_error(error.what());
    return base::kSystemFailed;
  }
}
