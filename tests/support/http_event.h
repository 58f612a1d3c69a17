// SPDX-License-Identifier: MIT
//
// The two conversions of a gateway: a request to the event that a runtime gets, and the
// runtime's answer to the response. An answer that is not an HTTP answer fails the test.
#pragma once

#include <string>
#include <string_view>

#include "emulator/event/event.h"
#include "tests/support/http_client.h"

namespace phork::testing {

// `gateway` as the emulator names it: v2, v1, url, alb, ...
std::string http_event(const HttpCall& call, std::string_view gateway = "v2");
// The event of a GET.
std::string http_event(const std::string& target);

emulator::HttpReply http_reply(const emulator::EventResult& result,
                               std::string_view gateway = "v2");

// The response in the bytes of a streamed answer: its prelude and the body behind it.
emulator::HttpReply streamed_reply(std::string_view bytes);

}  // namespace phork::testing
