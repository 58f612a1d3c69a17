// SPDX-License-Identifier: MIT
//
// How the init of a runtime failed: for people, and as the answer to an event that waited for it.
// Plain values.
#pragma once

#include <string>
#include <string_view>

namespace phork::emulator {

struct InitFailure {
  std::string error_type;
  std::string message;
  std::string body{};  // as the runtime posted it; empty when the platform found out

  static InitFailure posted(const std::string& body);
};

// errorType and errorMessage of an error body, as far as they are there.
struct ErrorFields {
  std::string type;
  std::string message;
};

ErrorFields read_error_json(std::string_view body);

}  // namespace phork::emulator
