// SPDX-License-Identifier: MIT
#include "tests/support/http_event.h"

#include <utility>
#include <variant>

#include <doctest/doctest.h>

#include "emulator/gateway/payload.h"
#include "emulator/gateway/stream_reply.h"
#include "emulator/http/request_head.h"

namespace phork::testing {
namespace {

const emulator::Payload& payload_of(std::string_view name) {
  const emulator::Payload* const found = emulator::find_payload(name);
  REQUIRE_MESSAGE(found != nullptr, "the emulator has no gateway '" << name << "'");
  return *found;
}

}  // namespace

std::string http_event(const HttpCall& call, std::string_view gateway) {
  HttpCall complete = call;
  if (header_values(call.headers, "host").empty()) {
    complete.headers.push_back({"Host", "shop.example"});
  }
  const std::string text = request_text(complete);
  const std::size_t head_bytes = text.find("\r\n\r\n") + 4;
  auto parsed = emulator::parse_request_head(text.substr(0, head_bytes));
  auto* const request = std::get_if<emulator::HttpRequest>(&parsed);
  REQUIRE_MESSAGE(request != nullptr, "the emulator takes no such request");
  request->body = text.substr(head_bytes);
  request->remote_address = "203.0.113.9";
  const emulator::GatewayContext context{emulator::make_uuid(), emulator::make_trace_id(), 443,
                                         std::chrono::system_clock::now()};
  return payload_of(gateway).make_event(*request, context);
}

std::string http_event(const std::string& target) {
  HttpCall call;
  call.target = target;
  call.headers = {{"Host", "shop.example"}};
  return http_event(call);
}

emulator::HttpReply http_reply(const emulator::EventResult& result, std::string_view gateway) {
  return payload_of(gateway).make_reply(result);
}

emulator::HttpReply streamed_reply(std::string_view bytes) {
  emulator::StreamPrelude prelude;
  auto head = prelude.read(bytes);
  REQUIRE_MESSAGE(head.ok(), head.error().text);
  REQUIRE_MESSAGE(head.value().has_value(), "the prelude has no end");
  emulator::HttpReply reply = std::move(*head.value());
  reply.body = bytes;
  return reply;
}

}  // namespace phork::testing
