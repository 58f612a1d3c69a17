// SPDX-License-Identifier: MIT
#include "emulator/runtime_api/stream_relay.h"

#include <algorithm>
#include <string>
#include <utility>

#include "emulator/runtime_api/protocol.h"
#include "runtime/base/base64.h"

namespace phork::emulator {
namespace {

using event::NameValue;

std::string_view find_trailer(const std::vector<NameValue>& trailers, std::string_view name) {
  const auto found = std::ranges::find(trailers, name, &NameValue::name);
  return found == trailers.end() ? std::string_view() : std::string_view(found->value);
}

}  // namespace

std::string_view describe_failure(RelayedStream::End end) {
  using End = RelayedStream::End;
  switch (end) {
    case End::kComplete:
      return "the streamed response ended with an error";
    case End::kCut:
      return "the streamed response was cut off before its end";
    case End::kTooLong:
      return "the streamed response is longer than Lambda allows";
    case End::kUnwanted:
      return "the caller went away in the middle of the streamed response";
    case End::kEnded:
      break;
  }
  return "the event ended in the middle of its streamed response";
}

RelayedStream relay_stream(HttpBody& body, StreamPipe& pipe, std::size_t most_bytes) {
  using End = RelayedStream::End;
  RelayedStream relayed;
  std::size_t left = most_bytes;
  while (const std::optional<std::string_view> part = body.next()) {
    if (!relayed.first_byte) relayed.first_byte = Clock::now();
    if (!pipe.write(part->substr(0, left))) {
      relayed.end = pipe.abandoned() ? End::kUnwanted : End::kEnded;
      return relayed;
    }
    if (part->size() > left) {
      relayed.end = End::kTooLong;
      return relayed;
    }
    left -= part->size();
  }
  // Reading also ends when the caller leaves (StreamPipe's `interrupt`).
  if (pipe.abandoned()) {
    relayed.end = End::kUnwanted;
    return relayed;
  }
  relayed.end = body.complete() ? End::kComplete : End::kCut;
  relayed.trailers = body.take_trailers();
  return relayed;
}

EventResult result_of_trailers(const std::vector<NameValue>& trailers,
                               std::string_view content_type) {
  const std::string_view type = find_trailer(trailers, "lambda-runtime-function-error-type");
  const std::string_view encoded = find_trailer(trailers, "lambda-runtime-function-error-body");
  EventResult result;
  result.streamed = true;
  result.ending = Ending::kAnswered;
  result.content_type = content_type;
  if (type.empty() && encoded.empty()) return result;
  result.ending = Ending::kFailed;
  result.error_type = valid_error_type(type);
  result.content_type = "application/json";
  base::Result<std::string> body = base::decode_base64(encoded, "error body");
  const bool told = body.ok() && !body->empty();
  result.body = told ? std::move(body).value()
                     : error_json(result.error_type, "expected an error body in base64");
  return result;
}

void reply_to_stream(RelayedStream::End end, std::size_t limit, HttpBody& body,
                     HttpConnection& connection) {
  using End = RelayedStream::End;
  switch (end) {
    case End::kComplete:
      connection.send(accepted());
      break;
    case End::kCut:
      connection.send(truncated_request());
      break;
    case End::kTooLong:
      body.drop_rest();
      connection.send(too_large_reply(limit));
      break;
    case End::kUnwanted:
    case End::kEnded:
      connection.shut_down();
      break;
  }
}

}  // namespace phork::emulator
