// SPDX-License-Identifier: MIT
//
// How `phork` ends, documented in the README and part of the interface, and the error of those who
// used it wrongly.
#pragma once

#include <string>

#include "runtime/base/result.h"

namespace phork::cli {

enum ExitCode : int {
  kOk = 0,
  kBootFailed = 1,  // or, for `invoke`, the function answered with an error
  kLeaked = 1,      // of `audit`: state survived an event
  kUsedWrongly = 100,
  kSystemFailed = 111,
};

inline ExitCode exit_code(base::ErrorKind kind) {
  switch (kind) {
    case base::ErrorKind::kStopped:
      return kOk;
    case base::ErrorKind::kRefused:
      return kBootFailed;
    case base::ErrorKind::kInvalid:
      return kUsedWrongly;
    default:
      return kSystemFailed;
  }
}

// What the user asked for cannot be: "cli: <what> '<object>': <reason>".
inline base::Error invalid(const std::string& what, const std::string& object,
                           const std::string& reason) {
  return {base::ErrorKind::kInvalid, "cli: " + what + " '" + object + "': " + reason};
}

}  // namespace phork::cli
