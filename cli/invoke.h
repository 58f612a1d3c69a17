// SPDX-License-Identifier: MIT
//
// `phork invoke`: sends one event and prints its answer to stdout, a streamed answer as it arrives.
// Everything else goes to stderr.
#pragma once

#include <string>
#include <string_view>

#include "cli/command.h"
#include "cli/function_options.h"
#include "cli/request.h"
#include "cli/terminal.h"
#include "emulator/environments/local_lambda.h"

namespace phork::cli {

struct InvokeOptions {
  FunctionOptions function;
  std::string event_file;  // empty: the event is {}; "-": stdin; "sample:NAME"
  RequestText request;     // its line is empty: none

  void add_to(CLI::App& command);
};

// 128 and the number of the signal that stopped it before there was an answer.
int invoke(const InvokeOptions& options);

// Writes a streamed answer to stdout byte for byte, as it arrives.
class PrintedStream final : public emulator::StreamSink {
 public:
  void open(const std::string& /*content_type*/) override { opened_ = true; }

  bool write(std::string_view bytes) override;

  bool opened() const { return opened_; }

 private:
  bool opened_ = false;
};

struct OneEvent {
  emulator::FunctionConfig config;
  std::string strategy_label;
  std::string payload;
  int log_fd;
};

// Starts the function, serves the event and stops the function; so does a signal. 0 when there is a
// result. Otherwise the exit code: the error has been logged, or a signal has come first.
int serve_one(OneEvent event, StopSignals& signals, PrintedStream& stream,
              emulator::EventResult& result);

}  // namespace phork::cli
