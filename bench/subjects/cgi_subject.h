// SPDX-License-Identifier: MIT
//
// php-cgi under the Common Gateway Interface: one process for each event, with the request in its
// environment and on its input, and the answer on its output. The bench takes the place of the web
// server, so no real server can be faster. Nothing runs between two events. CPU time and faults are
// those of all children that this process reaps, so no other subject may end in the meantime.
// https://www.rfc-editor.org/rfc/rfc3875
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/subjects/runtime_log.h"
#include "bench/subjects/subject.h"
#include "runtime/base/fd.h"

namespace phork::bench {

// Reads the output of a CGI program. kInvalid when it has no headers.
base::Result<Answer> read_cgi_answer(std::string_view written);

class CgiSubject final : public Subject {
 public:
  explicit CgiSubject(Launch launch);

  base::Status start() override;
  base::Result<Answer> invoke() override;
  base::Result<std::vector<EventSample>> take_samples() override;

  RuntimeUsage usage() const override { return {}; }

  TreeCost cost() const override { return reaped_cost(); }

  std::int64_t cold_start_us() const override { return 0; }

 private:
  // Runs the program once and returns its output; adds a sample when it has ended.
  base::Result<std::string> run();
  base::Error failure(const std::string& reason);

  const Launch launch_;
  std::vector<std::string> environment_;
  base::Fd body_;
  RuntimeLog log_;
  std::vector<EventSample> samples_;
};

}  // namespace phork::bench
