// SPDX-License-Identifier: MIT
//
// The credentials of the function's role, as environments get them that Lambda restores from a
// snapshot: from an endpoint and not in variables, because a snapshot outlives them. The user's own
// keys, if there are any; others are made up, new ones after each restore. Any thread.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
#pragma once

#include <mutex>
#include <string>

#include "emulator/event/function_config.h"
#include "emulator/http/message.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

class Credentials : private base::Pinned {
 public:
  static constexpr const char* kPath = "/2021-04-23/credentials";

  explicit Credentials(AwsKeys own);

  // The value of AWS_CONTAINER_AUTHORIZATION_TOKEN, the same for ever.
  const std::string& token() const { return token_; }

  // After a restore.
  void renew();

  // 403 without the token.
  HttpReply reply(const HttpRequest& request) const;

 private:
  const bool made_up_;
  const std::string token_;
  mutable std::mutex mutex_;  // guards what follows
  AwsKeys keys_;
};

}  // namespace phork::emulator
