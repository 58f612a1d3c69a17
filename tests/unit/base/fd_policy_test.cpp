// SPDX-License-Identifier: MIT
#include "runtime/base/fd_policy.h"

#include <doctest/doctest.h>

namespace phork::base {
namespace {

TEST_SUITE("fd policy") {
  TEST_CASE("every policy has a word that is read as that policy again") {
    for (const FdPolicy policy : {FdPolicy::kClose, FdPolicy::kRefuse, FdPolicy::kAllow}) {
      CAPTURE(name(policy));
      CHECK(parse_fd_policy(name(policy)) == policy);
    }
    CHECK(name(FdPolicy::kClose) == "close");
    CHECK(name(FdPolicy::kRefuse) == "refuse");
    CHECK(name(FdPolicy::kAllow) == "allow");
  }

  TEST_CASE("nothing said is close") {
    CHECK(parse_fd_policy("") == FdPolicy::kClose);
  }

  TEST_CASE("any other word is no policy, however near it comes") {
    for (const char* word : {"Close", "REFUSE", "allows", "deny", " allow", "close ", "0"}) {
      CAPTURE(word);
      CHECK_FALSE(parse_fd_policy(word).has_value());
    }
  }
}

}  // namespace
}  // namespace phork::base
