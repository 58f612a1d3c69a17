// SPDX-License-Identifier: MIT
//
// The program `phork`: parses the arguments and runs one command.
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/audit.h"
#include "cli/bench.h"
#include "cli/command.h"
#include "cli/deploy.h"
#include "cli/invoke.h"
#include "cli/package.h"
#include "cli/serve.h"
#include "runtime/base/log.h"

namespace phork::cli {
namespace {

// CLI11 reports only that a subcommand is required, and not which word it did not know.
void report_missing_command(const CLI::App& app, const char* word) {
  std::string names;
  for (const CLI::App* command : app.get_subcommands({})) names += " " + command->get_name();
  base::log_error("cli: find command: expected one of" + names + ", got " +
                  (word == nullptr ? "none" : "'" + std::string(word) + "'"));
}

int run(int argc, char** argv) {
  CLI::App app("Run PHP on a local AWS Lambda", "phork");
  app.set_version_flag("--version", "phork " PHORK_VERSION);
  app.require_subcommand(1);

  ServeOptions serve_options;
  CLI::App* serve_command = app.add_subcommand("serve", "Serve a function over HTTP on 127.0.0.1");
  serve_options.add_to(*serve_command);

  InvokeOptions invoke_options;
  CLI::App* invoke_command = app.add_subcommand("invoke", "Send one event and print its answer");
  invoke_options.add_to(*invoke_command);

  AuditOptions audit_options;
  CLI::App* audit_command = app.add_subcommand("audit", "Show which state survives an event");
  audit_options.add_to(*audit_command);

  BenchOptions bench_options;
  CLI::App* bench_command = app.add_subcommand("bench", "Measure the strategies and recommend one");
  bench_options.add_to(*bench_command);

  PackageOptions package_options;
  CLI::App* package_command = app.add_subcommand("package", "Make a zip of a layer or a function");
  package_options.add_to(*package_command);

  DeployOptions deploy_options;
  CLI::App* deploy_command =
      app.add_subcommand("deploy", "Write a template and packages for AWS, and deploy them");
  deploy_options.add_to(*deploy_command);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (app.get_subcommands().empty() && error.get_name() == "RequiredError") {
      report_missing_command(app, argc > 1 ? argv[1] : nullptr);
      return kUsedWrongly;
    }
    // CLI11 throws for --help and --version, too, with exit code 0.
    return app.exit(error) == 0 ? kOk : kUsedWrongly;
  }
  if (audit_command->parsed()) return audit(audit_options);
  if (bench_command->parsed()) return bench(bench_options);
  if (deploy_command->parsed()) return deploy(deploy_options);
  if (package_command->parsed()) return package(package_options);
  return serve_command->parsed() ? serve(serve_options) : invoke(invoke_options);
}

}  // namespace
}  // namespace phork::cli

int main(int argc, char** argv) {
  try {
    return phork::cli::run(argc, argv);
  } catch (const std::exception& error) {
    phork::base::log_error(error.what());
    return phork::cli::kSystemFailed;
  }
}
