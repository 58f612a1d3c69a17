// SPDX-License-Identifier: MIT
//
// Events as a person gives them to a command: a file of JSON, or a request as a line of text.
#pragma once

#include <string>

#include "runtime/base/result.h"

namespace phork::cli {

// "-": stdin. kInvalid when it cannot be read or is no JSON.
base::Result<std::string> read_event_file(const std::string& file);

// "GET /path?query" as an HTTP API (payload 2.0) would hand it out.
base::Result<std::string> request_event(const std::string& line);

}  // namespace phork::cli
