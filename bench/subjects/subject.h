// SPDX-License-Identifier: MIT
//
// A Subject is what a bench measures: it is started, serves the event of one workload again and
// again, and ends all its processes in its destructor. A failed event and an unexpected answer are
// Errors, because their figures would mean nothing. A subject is driven by one thread at a time;
// several subjects may be driven by one thread each.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/subjects/runtime_log.h"
#include "bench/subjects/usage.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::bench {

// An application and the event that it is sent.
struct Workload {
  std::string name;
  std::string task_root;  // absolute
  std::string handler;
  std::string payload;        // of each event, byte for byte the same
  std::string expected_text;  // in the body of each good answer; tells it from an error page
  std::vector<std::pair<std::string, std::string>> environment{};
  std::string needed{};  // a file below the root without which the application cannot run
};

// The answer to an event without the format it came in, so that answers of a Lambda runtime and of
// a web server can be compared.
struct Answer {
  int status = 200;
  std::string body;

  bool operator==(const Answer&) const = default;
};

// Reads the answer of a Lambda function: an object with `statusCode` is an HTTP response, whose
// body is decoded when it is base64; any other JSON is the body itself, with status 200.
Answer read_answer(std::string_view json);

// A number in an answer that is a JSON object; empty when there is none of that name.
std::optional<std::int64_t> number_in(const Answer& answer, const char* name);

// "Type: message" of an error that a function reported, in one line.
std::string read_error(std::string_view json);

// kInvalid unless the status is below 500 and the body contains `expected_text`. The message does
// not quote the answer.
base::Status check_answer(const Answer& answer, const std::string& expected_text);

enum class SubjectKind : std::uint8_t {
  kRuntime,    // a program that speaks Lambda's Runtime API
  kNginxFpm,   // nginx in front of php-fpm
  kPhpServer,  // php -S
  kPhpCgi,     // one php-cgi for each event, run as RFC 3875 says; the bench is its web server
};

// How to start a subject. Made by the functions of bench/subjects/launch.h.
struct Launch {
  std::string label;                     // in tables; unique among the subjects compared
  std::string program;                   // path
  std::vector<std::string> arguments{};  // after argv[0]
  Workload workload;
  std::vector<std::pair<std::string, std::string>> environment{};  // overrides the workload's
  bool metrics = true;     // a runtime logs one line of metrics, 100 bytes, for each event
  std::string strategy{};  // of phork's own runtime, else empty
  SubjectKind kind = SubjectKind::kRuntime;
  unsigned memory_mb = 1769;  // as Lambda's environment states it; not enforced
  std::string script{};       // of a web server: the PHP file that it runs, absolute
  std::string nginx{};        // of kNginxFpm: path of nginx; `program` is php-fpm
};

struct EventSample {
  std::int64_t latency_us = 0;                 // event out -> answer in
  std::optional<std::int64_t> billed_us{};     // event out -> the following `next`; runtimes only
  std::int64_t queued_us = 0;                  // handed to the Runtime API -> event out
  std::optional<std::int64_t> minor_faults{};  // within the event, as the runtime counted them
  std::optional<std::int64_t> ready_us{};      // process started or forked -> ready
};

class Subject : private base::Pinned {
 public:
  Subject() = default;
  virtual ~Subject() = default;

  // Returns when the subject can take its first event.
  virtual base::Status start() = 0;

  // Sends the workload's event and returns its answer, which check_answer() has accepted.
  virtual base::Result<Answer> invoke() = 0;

  // The samples of the events since the last call, in order. Waits until no event is under way.
  virtual base::Result<std::vector<EventSample>> take_samples() = 0;

  // Only between events.
  virtual RuntimeUsage usage() const = 0;

  // CPU time and faults of all its processes since they started; only between events.
  virtual TreeCost cost() const = 0;

  // Process started -> first `next`, or -> the server's port accepts connections. 0 for subjects
  // that start nothing before an event.
  virtual std::int64_t cold_start_us() const = 0;

  // The parts of that, one after the other, as far as it tells them in its log.
  virtual std::vector<StartPart> start_parts() { return {}; }
};

std::unique_ptr<Subject> make_subject(const Launch& launch);

// `count` subjects to be driven in parallel. Of a runtime, each is an environment of its own, as
// Lambda scales it. Of a web server, they are the connections of one server with as many workers;
// it starts and ends with the first of them, so start that one before the others.
std::vector<std::unique_ptr<Subject>> make_fleet(const Launch& launch, unsigned count);

}  // namespace phork::bench
