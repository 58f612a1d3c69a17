// SPDX-License-Identifier: MIT
//
// Feeds any bytes as the reply to a `next`, cut where the first byte says. What is read does not
// depend on the cuts, and all of it lies within the bytes.
#include <string>

#include "runtime/lambda/http_runtime_api.h"
#include "runtime/lambda/reply.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace phork;
using fuzz::require;
using lambda::ReplyParser;

// The state at the end of the bytes, or at the end of the reply, with all that was read.
std::string outcome(const ReplyParser& parser, std::string_view bytes) {
  if (parser.state() != ReplyParser::State::kWhole) {
    return std::to_string(static_cast<int>(parser.state())) + parser.error();
  }
  const lambda::Reply reply = parser.reply(bytes);
  require(parser.raw(bytes).ends_with(reply.content), "a reply ends with its body");
  std::string text = std::to_string(reply.status) + "\n" + reply.body() + "\n";
  std::string_view lines = reply.header_lines;
  while (const auto header = lambda::take_header(lines)) {
    require(!header->name.empty(), "a header has a name");
    text.append(header->name).append(header->value).append("\n");
    static_cast<void>(reply.header(header->name));
  }
  return text;
}

std::string parse(std::string_view stream, std::uint8_t seed, ReplyParser::Body body) {
  ReplyParser parser(body);
  std::size_t size = 0;
  for (const std::string_view piece : fuzz::cut(stream, seed)) {
    size += piece.size();
    // The address changes between calls, as that of a buffer does which grows.
    const fuzz::GuardedBytes bytes(stream.substr(0, size));
    parser.parse(bytes.view());
  }
  parser.finish(stream);
  return outcome(parser, stream);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view stream = fuzz::as_text(data, size);
  const std::uint8_t seed = fuzz::take_byte(stream);
  for (const auto body : {ReplyParser::Body::kNeeded, ReplyParser::Body::kOptional}) {
    require(parse(stream, seed, body) == parse(stream, 0, body),
            "a reply does not depend on how it is cut");
  }
  static_cast<void>(lambda::read_next_reply(stream));
  return 0;
}
