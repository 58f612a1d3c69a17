// SPDX-License-Identifier: MIT
//
// What a runtime printed, kept in memory until somebody asks: nothing wakes up to read it while
// events are measured. The runtime writes, one thread reads.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::bench {

// A line that the runtime wrote about one event (PHORK_METRICS=json), as far as it is used here.
struct EventMetrics {
  std::string request_id;
  std::optional<std::int64_t> minor_faults;
  // Asking for the worker that serves this event -> the worker is ready.
  std::optional<std::int64_t> ready_us;
};

// Empty when the line is something else.
std::optional<EventMetrics> parse_metrics(std::string_view line);

class RuntimeLog {
 public:
  RuntimeLog();

  // Where the runtime shall write.
  int fd() const { return file_.get(); }

  // The metrics of complete lines since the last call, by request id.
  std::map<std::string, EventMetrics> take_metrics();

  // The last line that is no metrics, for an error; empty when there is none.
  std::string last_words();
  // kRefused with `text`, and the last words behind it.
  base::Error failure(std::string text);

 private:
  void read_on();

  base::Fd file_;
  off_t read_bytes_ = 0;
  std::string unread_;  // read from the file, not yet taken
  std::string last_words_;
  std::map<std::string, EventMetrics> metrics_;
};

}  // namespace phork::bench
