// SPDX-License-Identifier: MIT
//
// The commands of `phork` and their options. The program and its manual
// (tools/manual) read the same tree.
#pragma once

#include "cli/audit.h"
#include "cli/bench.h"
#include "cli/console.h"
#include "cli/deploy.h"
#include "cli/event.h"
#include "cli/init.h"
#include "cli/invoke.h"
#include "cli/package.h"
#include "cli/serve.h"

namespace phork::cli {

struct Options {
  ServeOptions serve;
  InvokeOptions invoke;
  EventOptions event;
  InitOptions init;
  ConsoleOptions console;
  AuditOptions audit;
  BenchOptions bench;
  PackageOptions package;
  DeployOptions deploy;

  // The tree refers to these options, which have to outlive it.
  void add_to(CLI::App& app);
};

}  // namespace phork::cli
