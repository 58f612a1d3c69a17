// SPDX-License-Identifier: MIT
//
// php-cgi as the Common Gateway Interface has it: one process for each event, the request in its
// environment and on its input, the answer on its output. The bench stands where the web server
// would, which makes it the fastest one there can be. Nothing runs between two events, and nothing
// is started ahead. CPU time and faults are those of all children that this process reaps, so that
// no other subject may end meanwhile. https://www.rfc-editor.org/rfc/rfc3875
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/subjects/runtime_log.h"
#include "bench/subjects/subject.h"
#include "runtime/base/fd.h"

namespace phork::bench {

// What a CGI program wrote. kInvalid when it has no head.
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
  // All that the program wrote; noted as a sample once it has ended.
  base::Result<std::string> run();
  base::Error failure(const std::string& reason);

  const Launch launch_;
  std::vector<std::string> environment_;
  base::Fd body_;
  RuntimeLog log_;
  std::vector<EventSample> samples_;
};

}  // namespace phork::bench
