// SPDX-License-Identifier: MIT
//
// HTTP at both ends of a runtime: a request as the event that a front door makes of it, and what
// the runtime answered as the response that the front door sends. What is no answer fails the test.
#pragma once

#include <string>
#include <string_view>

#include "emulator/event/event.h"
#include "tests/support/http_client.h"

namespace phork::testing {

// `door` as the emulator names it: v2, v1, url, alb, ...
std::string http_event(const HttpCall& call, std::string_view door = "v2");
// A GET.
std::string http_event(const std::string& target);

emulator::HttpReply http_reply(const emulator::EventResult& result, std::string_view door = "v2");

// An answer that was streamed, whole: what its prelude says and the bytes behind it.
emulator::HttpReply streamed_reply(std::string_view bytes);

}  // namespace phork::testing
