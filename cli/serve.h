// SPDX-License-Identifier: MIT
//
// `phork serve`: a function behind a local HTTP front until a signal ends it; then the summary.
#pragma once

#include <cstdint>
#include <string>

#include "cli/exit_code.h"
#include "cli/function_options.h"
#include "emulator/gateway/payload.h"

namespace phork::cli {

struct ServeOptions {
  FunctionOptions function;
  std::uint16_t port = 8000;
  const emulator::Payload* payload = &emulator::payloads().front();
  unsigned retry_delay_s = 60;
  bool reload = true;        // when the source changes
  std::string summary_file;  // empty: none

  void add_to(CLI::App& command);
};

ExitCode serve(const ServeOptions& options);

}  // namespace phork::cli
