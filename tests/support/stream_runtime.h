// SPDX-License-Identifier: MIT
//
// A runtime whose answers are streamed, with the two files that its scripts use: a gate that they
// wait for, and notes that they write. Used by one thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/stream_call.h"

namespace phork::testing {

// The strategies that can stream.
inline const std::vector<std::string>& streaming_strategies() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names = all_strategies();
    std::erase(names, "fpm");
    return names;
  }();
  return all;
}

class StreamRuntime {
 public:
  explicit StreamRuntime(const std::string& strategy, const std::string& handler = "stream.php",
                         std::map<std::string, std::string> environment = {},
                         std::chrono::milliseconds timeout = std::chrono::seconds(60))
      : runtime_(options(strategy, handler, std::move(environment), timeout)) {}

  Runtime& operator*() { return runtime_; }

  Runtime* operator->() { return &runtime_; }

  // An event with `do=WHAT` and the paths of the files; `more` goes into the query, too.
  std::string event(const std::string& what, const std::string& more = "") const {
    return http_event("/?do=" + what + "&gate=" + gate() + "&file=" + scratch_.file("notes") +
                      more);
  }

  std::string gate() const { return scratch_.file("gate"); }

  void open_gate() { scratch_.write("gate", ""); }

  void close_gate() { scratch_.remove("gate"); }

  // The text that the script wrote to its file.
  std::string notes() const { return scratch_.read("notes"); }

  // True when the runtime serves another event.
  bool serves_on() {
    StreamCall call(runtime_, event("small"));
    return call.reply().body == "small";
  }

 private:
  static RuntimeOptions options(const std::string& strategy, const std::string& handler,
                                std::map<std::string, std::string> environment,
                                std::chrono::milliseconds timeout) {
    RuntimeOptions options;
    options.task_root = source_path("tests/fixtures/scripts");
    options.handler = handler;
    options.strategy = strategy;
    options.environment = std::move(environment);
    options.environment["PHORK_RESPONSE"] = "stream";
    options.timeout = timeout;
    return options;
  }

  ScratchFolder scratch_;
  Runtime runtime_;
};

}  // namespace phork::testing
