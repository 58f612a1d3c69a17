// SPDX-License-Identifier: MIT
#include "runtime/base/fd_policy.h"

namespace phork::base {

std::optional<FdPolicy> parse_fd_policy(std::string_view word) {
  if (word.empty() || word == name(FdPolicy::kClose)) return FdPolicy::kClose;
  if (word == name(FdPolicy::kRefuse)) return FdPolicy::kRefuse;
  if (word == name(FdPolicy::kAllow)) return FdPolicy::kAllow;
  return std::nullopt;
}

std::string_view name(FdPolicy policy) {
  switch (policy) {
    case FdPolicy::kRefuse:
      return "refuse";
    case FdPolicy::kAllow:
      return "allow";
    case FdPolicy::kClose:
      break;
  }
  return "close";
}

}  // namespace phork::base
