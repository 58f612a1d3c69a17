// SPDX-License-Identifier: MIT
//
// What is measured: something that is started, serves one application's event again and again, and
// is ended with all its processes by its destructor. An event that fails or is answered wrongly is
// an Error: figures of it mean nothing. One thread at a time; several subjects may be driven by a
// thread each.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/subjects/answer.h"
#include "bench/subjects/application.h"
#include "bench/subjects/usage.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::bench {

enum class SubjectKind : std::uint8_t {
  kRuntime,    // a program that speaks Lambda's Runtime API
  kNginxFpm,   // nginx in front of php-fpm
  kPhpServer,  // php -S
  kPhpCgi,     // one php-cgi for each event, run as RFC 3875 says; the bench is its web server
};

// How to start one. Made by bench/subjects/launch.h.
struct Launch {
  std::string label;                     // in tables; unique among those that are compared
  std::string program;                   // path
  std::vector<std::string> arguments{};  // after argv[0]
  Application application;
  std::vector<std::pair<std::string, std::string>> environment{};  // beside the application's
  bool metrics = true;     // of a runtime, a line for each event: a tenth of a kilobyte
  std::string strategy{};  // of phork's, else empty
  SubjectKind kind = SubjectKind::kRuntime;
  unsigned memory_mb = 1024;  // what the function is told that it has
  std::string script{};       // of a web server: the PHP file that it runs, absolute
  std::string front{};        // of kNginxFpm: path of nginx; `program` is php-fpm
};

struct EventSample {
  std::int64_t latency_us = 0;                 // event out -> answer in
  std::optional<std::int64_t> billed_us{};     // event out -> the following `next`; a runtime's
  std::int64_t queued_us = 0;                  // handed to the Runtime API -> event out
  std::optional<std::int64_t> minor_faults{};  // as the runtime counted, within the event
  std::optional<std::int64_t> ready_us{};
};

class Subject : private base::Pinned {
 public:
  Subject() = default;
  virtual ~Subject() = default;

  // Returns when it can take its first event.
  virtual base::Status start() = 0;

  // Sends the application's event; a good answer.
  virtual base::Result<Answer> invoke() = 0;

  // What the events since the last call cost, in order, once nothing is under way any more.
  virtual base::Result<std::vector<EventSample>> take_samples() = 0;

  // Only between events.
  virtual RuntimeUsage usage() const = 0;

  // CPU time and faults of all its processes since they started; only between events.
  virtual TreeCost cost() const = 0;

  // Process started -> first `next`, or -> the server's port takes connections. 0 where nothing is
  // started ahead of an event.
  virtual std::int64_t cold_start_us() const = 0;
};

std::unique_ptr<Subject> make_subject(const Launch& launch);

// `count` subjects to be driven side by side. A runtime scales as Lambda has it scale: each is an
// environment of its own. A web server is one, with as many workers and connections; it ends with
// the first of the subjects, which is to be started before the others.
std::vector<std::unique_ptr<Subject>> make_fleet(const Launch& launch, unsigned count);

}  // namespace phork::bench
