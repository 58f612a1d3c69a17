// SPDX-License-Identifier: MIT
//
// `phork bench`: how one function does under each strategy, and which one to use. Progress on
// stderr, a table and the recommendation on stdout, everything as JSON or as a page on request.
#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.h"
#include "cli/function_options.h"

namespace phork::cli {

struct BenchOptions {
  FunctionOptions function;  // its strategy may be a list
  std::string event_file;
  std::string path;  // of a GET; neither: whatever suits the handler
  unsigned events = 200;
  unsigned concurrency = 2;
  unsigned rounds = 10;
  std::vector<std::string> against;
  std::string baselines;
  std::vector<std::string> arrivals;
  std::string prices_file;
  std::string json_file;
  std::string html_file;
  bool ab = false;
  bool no_audit = false;

  void add_to(CLI::App& command);
};

ExitCode bench(const BenchOptions& options);

}  // namespace phork::cli
