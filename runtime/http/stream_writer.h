// SPDX-License-Identifier: MIT
//
// A response on its way to the caller while PHP still makes it: metadata as a JSON prelude, eight
// NUL bytes, then the body as it is. Function URLs and API Gateway read this when the function is
// configured to stream. Borrows the stream; one event's, used by one thread.
// https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/event/answer_stream.h"
#include "runtime/event/invocation.h"
#include "runtime/http/message.h"

namespace phork::http {

// A status that says: no HTTP, the bytes are all there is. The caller is told their Content-Type.
inline constexpr std::uint16_t kNoStatus = 0;

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
