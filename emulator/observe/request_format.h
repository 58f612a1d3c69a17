// SPDX-License-Identifier: MIT
//
// How a request and the records of its log are shown: to a person at a terminal, or to a program as
// JSON. Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/observe/log_record.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

// A request, or an event that somebody sent without one.
struct RequestView {
  std::string request_id{};  // empty for a request that did not become an event
  std::string method{};      // empty for an event without a request
  std::string path{};        // without its query, which may hold secrets
  int status = 0;            // 0 for an event without a request
  Microseconds took{};       // for the caller
  std::optional<std::int64_t> billed_ms{};
  std::optional<Microseconds> init{};  // if this event paid for a start
  std::string error_type{};            // "Sandbox.Timedout"; empty if the function has answered
  std::string by{};                    // the part of phork that answered, "asset"
  std::vector<LogRecord> records{};

  bool failed() const { return status >= 500 || !error_type.empty(); }
};

class RequestFormat : private base::Pinned {
 public:
  RequestFormat() = default;
  virtual ~RequestFormat() = default;

  // One or more lines, without the last newline.
  virtual std::string request(const RequestView& view) const = 0;
  // A request that is under way, whose records are shown before its end.
  virtual std::string unfinished(const RequestView& view) const = 0;
  // A record outside of a request.
  virtual std::string record(const LogRecord& record) const = 0;
};

// Names of files below `root` are shown relative to it. `coloured` writes the escape sequences of
// ECMA-48; nothing that a function or a client sends does.
std::unique_ptr<const RequestFormat> text_format(std::string root, bool coloured);

// One object on a line.
std::unique_ptr<const RequestFormat> json_format();

// {"time":..,"type":"message","message":..}: a message of the emulator itself.
std::string json_message(std::string_view text);

}  // namespace phork::emulator
