// SPDX-License-Identifier: MIT
//
// What bootstrap was told: flags first, then the environment, then defaults. Read once; every
// mistake in it is an error that says what was expected and where it came from.
#pragma once

#include <string>

#include "runtime/base/result.h"
#include "runtime/lambda/environment.h"
#include "runtime/logging/metrics.h"
#include "strategies/registry.h"

namespace phork::supervisor {

// Empty means not given.
struct Flags {
  std::string strategy;
  std::string handler;
};

struct Config {
  lambda::Environment environment;
  const strategies::StrategyEntry* strategy = nullptr;
  strategies::Settings settings;  // its files are filled in when they are found
  http::Route route = http::Route::kEntry;
  logging::MetricsWriter metrics;
  bool graceful_shutdown = false;  // earn a SIGTERM by being an extension
};

// A flag that overrules a variable is put into the environment too, where PHP and workers see it.
base::Result<Config> read_config(const Flags& flags);

}  // namespace phork::supervisor
