// SPDX-License-Identifier: MIT
//
// Feeds any bytes as an event. The reader accepts or refuses it, with the same result for both ways
// to hand it over; an accepted event becomes CGI variables, and its answers are JSON for every
// gateway.
#include <array>
#include <string>

#include <simdjson.h>

#include "runtime/base/settings.h"
#include "runtime/base/text.h"
#include "runtime/http/answer_writer.h"
#include "runtime/http/cgi_event.h"
#include "runtime/http/event_reader.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace phork;
using fuzz::require;

constexpr std::array kShapes = {
    http::EventShape::kApiGatewayV1, http::EventShape::kApiGatewayV2,
    http::EventShape::kAlb,          http::EventShape::kAlbMultiValue,
    http::EventShape::kWebSocket,    http::EventShape::kVpcLatticeV2,
};

void check_request(const http::Request& request) {
  require(!request.path.empty() && request.path.front() == '/', "a path begins with '/'");
  require(request.path.find_first_of(" ?#\r\n") == std::string::npos,
          "a path is part of a request target");
  for (const event::NameValue& header : request.headers) {
    require(header.name == base::lower_case(header.name), "names of headers are in lower case");
  }
}

void check_variables(const http::Request& request) {
  const http::ScriptRouting routing{"/app/index.php", "/app", base::Route::kEntry};
  for (const event::NameValue& variable :
       http::cgi_variables(request, {routing, base::EntryKind::kScript, "{}"})) {
    require(!variable.name.empty(), "a variable has a name");
    require(variable.name != "HTTP_PROXY", "the header Proxy never gets through");
  }
}

void check_answers(const http::Request& request) {
  const auto status = static_cast<std::uint16_t>(100 + request.body.size() % 500);
  const http::Response response{status, request.headers, request.body};
  simdjson::dom::parser parser;
  for (const http::EventShape shape : kShapes) {
    const std::string answer = http::write_answer(response, shape);
    simdjson::dom::element parsed;
    require(parser.parse(answer).get(parsed) == simdjson::SUCCESS, "an answer is JSON");
    std::uint64_t written = 0;
    require(parsed["statusCode"].get(written) == simdjson::SUCCESS && written == status,
            "an answer has its status");
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::GuardedBytes bytes(fuzz::as_text(data, size));
  const auto event = http::read_event(bytes.view());
  std::string padded(bytes.view());
  padded.reserve(size + http::kEventPaddingBytes);
  const auto again = http::read_event(padded, padded.capacity());
  require(event.ok() == again.ok(), "padding does not change what an event is");
  if (!event) {
    require(event.error().text == again.error().text, "padding does not change an error");
    return 0;
  }
  require(event->request.body == again->request.body, "padding does not change a body");
  check_request(event->request);
  check_variables(event->request);
  check_answers(event->request);
  return 0;
}
