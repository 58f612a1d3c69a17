// SPDX-License-Identifier: MIT
#include "cli/function_options.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include "cli/command.h"
#include "runtime/base/settings.h"
#include "runtime/lambda/project_file.h"
#include "runtime/process/spawn.h"

namespace phork::cli {
namespace {

namespace fs = std::filesystem;
using base::Result;

constexpr unsigned kMinMemoryMb = 128;
constexpr unsigned kMaxMemoryMb = 10'240;
constexpr unsigned kMaxTimeoutS = 900;
constexpr unsigned kMaxEnvironments = 1000;
constexpr unsigned kMaxSlots = 64;
constexpr unsigned kMaxIdleTimeoutS = 86'400;
constexpr const char* kExtensions = "/opt/extensions";  // as on Lambda
// https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
constexpr std::chrono::seconds kSnapshotInit{130};

Result<std::string> find_bootstrap(const std::string& given) {
  std::error_code error;
  const fs::path path = given.empty()
                            ? fs::read_symlink("/proc/self/exe", error).parent_path() / "bootstrap"
                            : fs::absolute(given, error);
  if (error) return invalid("find runtime", given, error.message());
  if (!fs::is_regular_file(path, error)) {
    return invalid("find runtime", path.string(), "no such file; name one with --bootstrap");
  }
  if (::access(path.c_str(), X_OK) != 0) {
    return invalid("find runtime", path.string(), "expected a program, but it is not executable");
  }
  return path.string();
}

// The first of these files that exists in `directory`; "" for none.
template <std::size_t N>
std::string first_file(const std::string& directory, const std::array<const char*, N>& names) {
  const auto found = std::ranges::find_if(names, [&directory](const char* name) {
    std::error_code error;
    return fs::is_regular_file(fs::path(directory) / name, error);
  });
  return found == names.end() ? "" : *found;
}

// The first console with a usual name; "" for none.
std::string usual_console(const std::string& directory) {
  return first_file(directory, std::array{"bin/console", "artisan"});
}

}  // namespace

Result<std::string> find_directory(const std::string& given) {
  std::error_code error;
  const fs::path directory = fs::canonical(given, error);
  if (error) return invalid("open directory", given, error.message());
  if (!fs::is_directory(directory))
    return invalid("open directory", given, "expected a directory, got a file");
  return directory.string();
}

Result<std::string> find_handler(const std::string& given, const std::string& directory) {
  if (!given.empty()) return given;
  if (std::string name = base::variable("_HANDLER"); !name.empty()) return name;
  std::string usual =
      first_file(directory, std::array{"phork.php", "index.php", "public/index.php"});
  if (!usual.empty()) return usual;
  const std::string console = usual_console(directory);
  return invalid(
      "find handler in", directory,
      "expected phork.php, index.php or public/index.php, found none; name one with --handler" +
          (console.empty() ? "" : "; " + console + " is a console: --handler " + console));
}

Result<std::string> find_console(const std::string& given, const std::string& directory) {
  if (!given.empty()) return given;
  if (std::string usual = usual_console(directory); !usual.empty()) return usual;
  return invalid("find console in", directory,
                 "expected bin/console or artisan, found none; name one with --handler");
}

void FunctionOptions::add_to(CLI::App& command) {
  command.add_option("DIR", directory, "Directory of the application (LAMBDA_TASK_ROOT)")
      ->capture_default_str();
  command.add_option(
      "--handler", handler,
      "PHP file in DIR, or name.function; by default _HANDLER, else the first that exists "
      "of phork.php, index.php, public/index.php");
  command.add_option("--strategy", strategy, "How the runtime serves events (PHORK_STRATEGY)");
  command
      .add_option("--memory", memory_mb,
                  "Memory size of the function in MB; limits memory and CPU when given")
      ->capture_default_str()
      ->check(CLI::Range(kMinMemoryMb, kMaxMemoryMb))
      ->each([this](const std::string& /*given*/) { enforce_memory = true; });
  command.add_option("--timeout", timeout_s, "Seconds an event may take")
      ->capture_default_str()
      ->check(CLI::Range(1U, kMaxTimeoutS));
  command.add_option("--bootstrap", bootstrap,
                     "Runtime to start; by default `bootstrap` beside this program");
}

void FunctionOptions::add_faults_to(CLI::App& command) {
  command
      .add_option_function<std::vector<std::string>>(
          "--fault",
          [this](const std::vector<std::string>& specs) {
            for (const std::string& spec : specs) {
              faults.push_back(emulator::parse_fault(spec).value());
            }
          },
          "Inject a fault, POINT:ACTION[=DURATION][@N|@N+|@P%]: " + emulator::fault_summary())
      ->type_name("SPEC")
      ->take_all()
      ->check([](const std::string& spec) {
        const Result<emulator::Fault> fault = emulator::parse_fault(spec);
        return fault ? std::string() : fault.error().text;
      });
}

void FunctionOptions::add_extensions_to(CLI::App& command) {
  std::error_code ignored;
  if (fs::is_directory(kExtensions, ignored)) extensions = kExtensions;
  command
      .add_option("--extensions", extensions,
                  "Folder with the programs of external extensions; by default " +
                      std::string(kExtensions) + ", if it exists")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
}

void FunctionOptions::add_snapshots_to(CLI::App& command) {
  CLI::Option* const snapshots =
      command.add_flag("--snapstart", snap_start,
                       "Start environments as Lambda's SnapStart does: init, snapshot, restore");
  // Managed Instances have no snapshots.
  if (auto* const other = command.get_option_no_throw("--slots"); other != nullptr) {
    snapshots->excludes(other);
  }
  command
      .add_option("--snapshot-age", snapshot_age_s,
                  "With --snapstart: seconds for which all processes are stopped between snapshot "
                  "and restore")
      ->capture_default_str()
      ->check(CLI::Range(0U, kMaxIdleTimeoutS));
}

void FunctionOptions::add_environments_to(CLI::App& command) {
  command
      .add_option("--concurrency", concurrency, "Highest number of environments at the same time")
      ->capture_default_str()
      ->check(CLI::Range(1U, kMaxEnvironments));
  command
      .add_option("--idle-timeout", idle_timeout_s,
                  "Seconds without an event before an environment ends, 0 for never")
      ->capture_default_str()
      ->check(CLI::Range(0U, kMaxIdleTimeoutS));
  CLI::Option* const freezes =
      command.add_flag("--freeze", freeze,
                       "Stop all processes of an environment between two events, as Lambda does");
  command
      .add_option("--slots", slots,
                  "Events that one environment serves at a time, as on Lambda Managed Instances "
                  "(AWS_LAMBDA_MAX_CONCURRENCY); by default one, as on Lambda")
      ->check(CLI::Range(1U, kMaxSlots))
      ->excludes(freezes);
}

Result<emulator::FunctionConfig> FunctionOptions::resolve() const {
  emulator::FunctionConfig config;
  Result<std::string> task_root = find_directory(directory);
  if (!task_root) return task_root.error();
  config.task_root = std::move(task_root).value();
  const Result<lambda::Project> project = lambda::adopt_project(config.task_root);
  if (!project) return project.error();
  Result<std::string> program = find_bootstrap(bootstrap);
  if (!program) return program.error();
  config.program = std::move(program).value();
  Result<std::string> name = find_handler(handler, config.task_root);
  // A runtime that is not ours may have handlers of any form.
  if (!name && bootstrap.empty()) return name.error();
  config.handler = name ? std::move(name).value() : "function.handler";
  const bool takes_memory = !enforce_memory && project->memory_mb;
  config.memory_mb = takes_memory ? *project->memory_mb : memory_mb;
  config.enforce_memory = enforce_memory || takes_memory;
  config.timeout = std::chrono::seconds(timeout_s);
  config.concurrency = concurrency;
  config.idle_timeout = std::chrono::seconds(idle_timeout_s);
  config.freeze = freeze;
  config.slots = slots;
  config.faults = faults;
  if (!extensions.empty()) {
    Result<std::string> folder = find_directory(extensions);
    if (!folder) return folder.error();
    config.extensions = std::move(folder).value();
  }
  config.snap_start = snap_start;
  if (snap_start) {
    config.snapshot_age = std::chrono::seconds(snapshot_age_s);
    config.init_timeout = std::max<std::chrono::milliseconds>(config.timeout, kSnapshotInit);
  }
  config.take_environment(process::current_environment());
  // The only format there.
  if (slots > 0) process::set_variable(config.environment, "AWS_LAMBDA_LOG_FORMAT", "JSON");
  if (!strategy.empty()) {
    process::set_variable(config.environment, "PHORK_STRATEGY", strategy);
  }
  config.print_metrics = !base::variable("PHORK_METRICS").empty();
  if (!config.print_metrics) {
    process::set_variable(config.environment, "PHORK_METRICS", "json");
  }
  return config;
}

std::string FunctionOptions::strategy_label() const {
  if (!strategy.empty()) return strategy;
  std::string chosen = base::variable("PHORK_STRATEGY");
  if (!chosen.empty()) return chosen;
  return bootstrap.empty() ? "fork" : "default";  // ours, or another runtime's own
}

}  // namespace phork::cli
