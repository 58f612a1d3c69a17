// SPDX-License-Identifier: MIT
//
// `phork serve`: serves a function over HTTP on 127.0.0.1 until a signal ends it, then prints a
// summary.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/function_options.h"
#include "emulator/gateway/payload.h"

namespace phork::cli {

// The form of the log that `phork serve` prints.
enum class LogForm : std::uint8_t {
  kRequests,  // a line for each request, for a person
  kLambda,    // Lambda's own lines between those of the function
  kJson,      // as kRequests, an object on each line
};

struct ServeOptions {
  FunctionOptions function;
  std::uint16_t port = 8000;
  const emulator::Payload* payload = &emulator::payloads().front();
  unsigned retry_delay_s = 60;
  std::vector<std::string> hosts;  // names of this machine beside those of its loopback
  LogForm log = LogForm::kRequests;
  std::string document_root;  // of static files; empty: found in the application
  bool assets = true;         // serve its files
  bool reload = true;         // start fresh processes when the source changes
  std::string summary_file;   // empty: none

  void add_to(CLI::App& command);
};

ExitCode serve(const ServeOptions& options);

}  // namespace phork::cli
