// SPDX-License-Identifier: MIT
#include "runtime/base/result.h"

#include <cerrno>

namespace phork::base {

Error system_error(const std::string& what, int code) {
  return Error{ErrorKind::kSystem, what + ": " + std::generic_category().message(code)};
}

int check(int returned, const char* what) {
  if (returned == -1) throw SystemError(errno, what);
  return returned;
}

}  // namespace phork::base
