// SPDX-License-Identifier: MIT
#include "runtime/slot/zygote_message.h"

#include <csignal>
#include <string>

#include <doctest/doctest.h>

namespace phork::slot {
namespace {

using Kind = ZygoteMessage::Kind;

}  // namespace

TEST_SUITE("slot: zygote messages") {
  TEST_CASE("a message keeps its fields") {
    const auto message =
        decode_zygote_message(encode({Kind::kSignal, 3, 1, SIGKILL, 1'234'567'890'123, 7}));
    REQUIRE(message.ok());
    CHECK(message->kind == Kind::kSignal);
    CHECK(message->slot == 3);
    CHECK(message->seat == 1);
    CHECK(message->value == SIGKILL);
    CHECK(message->seen_ns == 1'234'567'890'123);
    CHECK(message->event == 7);
    const auto failed = decode_zygote_message(
        encode({.kind = Kind::kBootFailed, .failure = {"Type", "text", {"#0"}}}));
    REQUIRE(failed.ok());
    CHECK(failed->failure.type == "Type");
    CHECK(failed->failure.message == "text");
  }

  TEST_CASE("bytes that are no message are refused, at every length") {
    const std::string whole = encode({Kind::kTakeSeat, 0, 1});
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
      CHECK_FALSE(decode_zygote_message(whole.substr(0, bytes)).ok());
    }
    CHECK_FALSE(decode_zygote_message(whole + "x").ok());
    CHECK_FALSE(decode_zygote_message(encode({Kind::kTakeSeat, 0, 2})).ok());
    std::string kind = whole;
    kind[0] = '\x7f';
    CHECK_FALSE(decode_zygote_message(kind).ok());
  }
}

}  // namespace phork::slot
