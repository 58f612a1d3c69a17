// SPDX-License-Identifier: MIT
//
// Feeds any bytes as an HTTP request to a gateway of the emulator, which the first byte chooses.
// The runtime reads the event that the gateway makes, with the same method and body. The same bytes
// are the answer of a function, of which every gateway makes a reply.
#include <string>
#include <variant>

#include <simdjson.h>

#include "emulator/gateway/payload.h"
#include "emulator/http/request_head.h"
#include "runtime/http/event_reader.h"
#include "runtime/http/message.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace phork;
using fuzz::require;

// An event replaces bytes that are not UTF-8, because JSON cannot hold them.
bool is_utf8(const emulator::HttpRequest& request) {
  return simdjson::validate_utf8(request.method.data(), request.method.size());
}

void check_event(const emulator::Payload& payload, const emulator::HttpRequest& request) {
  const emulator::GatewayContext context{"id", "Root=1", 80, {}};
  const std::string event = payload.make_event(request, context);
  const auto read = http::read_event(event, event.capacity());
  require(read.ok(), "the runtime reads the event of a gateway");
  require(!is_utf8(request) || read->request.method == request.method, "the method arrives");
  require(read->request.body == request.body, "the body arrives");
  require(read->request.remote_address == request.remote_address, "the client's address arrives");
}

void check_reply(const emulator::Payload& payload, std::string_view answer) {
  emulator::EventResult result;
  result.ending = emulator::Ending::kAnswered;
  result.body = answer;
  const emulator::HttpReply reply = payload.make_reply(result);
  require(reply.status >= 200 && reply.status <= 599, "a reply has a final status");
  for (const event::NameValue& header : reply.headers) {
    require(http::is_well_formed(header), "a reply has well-formed headers");
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::as_text(data, size);
  const auto gateways = emulator::payloads();
  const emulator::Payload& payload = gateways[fuzz::take_byte(text) % gateways.size()];
  check_reply(payload, text);
  const std::size_t end = text.find("\r\n\r\n");
  const std::size_t head_bytes = end == std::string_view::npos ? text.size() : end + 4;
  auto parsed = emulator::parse_request_head(text.substr(0, head_bytes));
  auto* const request = std::get_if<emulator::HttpRequest>(&parsed);
  if (request == nullptr) return 0;
  request->body = text.substr(head_bytes);
  request->remote_address = "127.0.0.1";
  check_event(payload, *request);
  return 0;
}
