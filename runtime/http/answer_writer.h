// SPDX-License-Identifier: MIT
//
// A response in the form that the gateway of an event expects: whole, as JSON, or while PHP still
// makes it. Writing JSON is pure and cannot fail: a header that has no place in a shape is left
// out.
//
// - A header whose name is no token, or whose value holds CR, LF or NUL, is dropped: it could only
//   forge another one.
// - Repeated headers survive where the shape has a place for them (v1, ALB with lists). Elsewhere
//   their values are joined by ", " if the header is a list, else the last one counts; v2 has
//   `cookies` for Set-Cookie, ALB without lists and Lattice carry only the last.
// - The body is text if it says so (or says nothing), is not encoded and is UTF-8; all else is
//   base64. Statuses that have no body (1xx, 204, 304) get none.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/event/invocation.h"
#include "runtime/http/message.h"

namespace phork::http {

// JSON for `/response`. Each byte of the body is copied once, escaped or encoded into place: room
// for all of the answer is made before the first byte is written.
std::string write_answer(const Response& response, EventShape shape);

// The same without a body, as it goes before one that is streamed: only function URLs and API
// Gateway take those, and REST APIs alone look at lists of values.
std::string write_prelude(const Response& response, EventShape shape);

// False for the statuses whose responses have no body.
bool has_body(std::uint16_t status);

// The status that means: not HTTP, the bytes are the whole answer. The caller is told their
// Content-Type.
inline constexpr std::uint16_t kNoStatus = 0;

// Metadata as a JSON prelude, eight NUL bytes, then the body as it is. Function URLs and API
// Gateway read this when the function is configured to stream. Borrows the stream; one event's,
// used by one thread. https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
class StreamWriter {
 public:
  // `shape` of the event decides how repeated headers are written.
  StreamWriter(event::AnswerStream& stream, EventShape shape) : stream_(stream), shape_(shape) {}

  // Once, before write(); the first bytes of the body leave together with the prelude.
  base::Status open(std::uint16_t status, const std::vector<event::NameValue>& headers,
                    std::string_view first_bytes, base::Deadline deadline);
  base::Status write(std::string_view bytes, base::Deadline deadline);

 private:
  event::AnswerStream& stream_;
  EventShape shape_;
  bool has_body_ = true;  // 204 and 304 have none, whatever PHP printed
};

}  // namespace phork::http
