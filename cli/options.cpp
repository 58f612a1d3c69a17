// SPDX-License-Identifier: MIT
#include "cli/options.h"

#include <CLI/CLI.hpp>

namespace phork::cli {

void Options::add_to(CLI::App& app) {
  app.name("phork");
  app.description("Run PHP on a local AWS Lambda");
  app.set_version_flag("--version", "phork " PHORK_VERSION);
  app.require_subcommand(1);
  serve.add_to(*app.add_subcommand("serve", "Serve a function over HTTP on 127.0.0.1"));
  invoke.add_to(*app.add_subcommand("invoke", "Send one event and print its answer"));
  init.add_to(*app.add_subcommand("init", "Write what a project lacks to run on phork"));
  event.add_to(*app.add_subcommand("event", "Print a sample of an event that AWS sends"));
  console.add_to(*app.add_subcommand("console", "Run a command of the application's console"));
  audit.add_to(*app.add_subcommand("audit", "Show which state survives an event"));
  bench.add_to(*app.add_subcommand("bench", "Measure the strategies and recommend one"));
  package.add_to(*app.add_subcommand("package", "Make a zip of a layer or a function"));
  deploy.add_to(
      *app.add_subcommand("deploy", "Write a template and packages for AWS, and deploy them"));
}

}  // namespace phork::cli
