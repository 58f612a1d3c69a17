// SPDX-License-Identifier: MIT
//
// The settings of bootstrap: flags first, then the environment, then defaults. Read once; an error
// names the setting, the expected values and the value found.
#pragma once

#include <string>

#include "runtime/base/result.h"
#include "runtime/base/settings.h"
#include "runtime/lambda/variables.h"
#include "runtime/logging/metrics.h"
#include "runtime/tracing/receiver.h"
#include "strategies/registry.h"
#include "supervisor/flags.h"

namespace phork::supervisor {

struct Config {
  lambda::Variables environment;
  const strategies::StrategyEntry* strategy = nullptr;
  strategies::Settings settings;  // its files are filled in when they are found
  base::Route route = base::Route::kEntry;
  logging::MetricsWriter metrics;
  tracing::Receiver trace;
  bool graceful_shutdown = false;  // register as an extension, so that Lambda sends SIGTERM
  bool awaits_restore = false;     // of a snapshot (SnapStart)
  bool core_dumps = false;         // a crash writes a core file

  // For metrics: PHORK_REFILL as it took effect, "" under a strategy on which it has no effect.
  std::string_view refill() const;
};

// A flag that overrules a variable is put into the environment too, where PHP and workers see it.
base::Result<Config> read_config(const Flags& flags);

}  // namespace phork::supervisor
