// SPDX-License-Identifier: MIT
//
// `phork bench`: measures one function under each strategy and recommends one. Progress goes to
// stderr, the table and the recommendation to stdout; JSON and an HTML page on request. With --url
// or --log it measures one that is deployed.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/function_options.h"
#include "cli/request.h"

namespace phork::cli {

struct BenchOptions {
  FunctionOptions function;  // `strategy` may be a list
  std::string event_file;
  RequestText request;  // without event and request the handler decides
  unsigned events = 200;
  unsigned concurrency = 2;
  bool concurrency_given = false;
  unsigned rounds = 10;
  std::vector<std::string> against;
  std::string baselines;
  std::vector<std::string> arrivals;
  std::string prices_file;
  std::string url;       // of a deployed function, which is measured then
  std::string log_file;  // of a deployed function
  std::string json_file;
  std::string html_file;
  bool ab = false;
  bool no_audit = false;
  bool no_warmup = false;

  void add_to(CLI::App& command);

  // Requests at a time: what one caller waits, unless more were asked for.
  unsigned url_concurrency() const {
    return concurrency_given && concurrency > 0 ? concurrency : 1;
  }
};

ExitCode bench(const BenchOptions& options);

}  // namespace phork::cli
