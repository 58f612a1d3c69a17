// SPDX-License-Identifier: MIT
#include "emulator/runtime_api/credentials.h"

#include <array>
#include <chrono>
#include <ctime>
#include <utility>

#include "emulator/event/event.h"
#include "emulator/runtime_api/protocol.h"
#include "runtime/base/json_writer.h"

namespace phork::emulator {
namespace {

// As long as those of a role at most last on Lambda.
constexpr std::chrono::hours kValid{6};

std::string random_text() {
  std::string id = make_uuid();
  std::erase(id, '-');
  return id;
}

// "2026-01-31T12:00:00Z"
std::string expiration() {
  const std::time_t end =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + kValid);
  std::tm utc{};
  ::gmtime_r(&end, &utc);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {text.data(), length};
}

AwsKeys make_up() {
  // "ASIA" begins the ids of temporary keys.
  return {"ASIA" + random_text().substr(0, 16), random_text(), random_text()};
}

}  // namespace

Credentials::Credentials(AwsKeys own)
    : made_up_(own.id.empty()),
      token_(random_text()),
      keys_(made_up_ ? make_up() : std::move(own)) {}

void Credentials::renew() {
  if (!made_up_) return;
  const std::lock_guard lock(mutex_);
  keys_ = make_up();
}

HttpReply Credentials::reply(const HttpRequest& request) const {
  if (request.header("authorization") != token_) {
    return refusal(403, "InvalidToken", "expected the token of AWS_CONTAINER_AUTHORIZATION_TOKEN");
  }
  const std::lock_guard lock(mutex_);
  base::JsonWriter json;
  json.begin_object().field("AccessKeyId", keys_.id).field("SecretAccessKey", keys_.secret);
  json.field("Token", keys_.session).field("Expiration", expiration()).end_object();
  return {200, {{"Content-Type", "application/json"}}, std::move(json).text()};
}

}  // namespace phork::emulator
