// SPDX-License-Identifier: MIT
//
// A request of HTTP as a person writes it for a command.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace phork::cli {

struct RequestText {
  std::string line;                  // "GET /path?query"
  std::vector<std::string> headers;  // "Name: value"
  // As curl takes it: the text, or the contents of a file for "@FILE", of stdin for "@-". Without a
  // header Content-Type it is of a form.
  std::optional<std::string> data{};
};

// The event of an HTTP API (payload 2.0) for the request. kInvalid when a part of it is none.
base::Result<std::string> request_event(const RequestText& text);

}  // namespace phork::cli
