// SPDX-License-Identifier: MIT
//
// The beginning of a streamed HTTP answer: a JSON object with statusCode, headers,
// multiValueHeaders and cookies, then eight NUL bytes; what follows is the body. Reads it from
// parts cut anywhere. What is no prelude, or never ends, is an Error that says why.
// https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "emulator/http/message.h"
#include "runtime/base/result.h"

namespace phork::emulator {

inline constexpr std::size_t kMaxPreludeBytes = std::size_t{1} << 20;
// Of a streamed answer that names no type.
inline constexpr std::string_view kDefaultStreamType = "application/octet-stream";

// Whether an answer of that type begins with a prelude.
bool has_prelude(std::string_view content_type);

class StreamPrelude {
 public:
  // Takes from `bytes` what belongs to the prelude. The head of the reply once that is complete,
  // with `bytes` at the body; nothing while more of it must come.
  base::Result<std::optional<HttpReply>> read(std::string_view& bytes);

 private:
  std::string text_;
  std::size_t json_bytes_ = 0;  // of text_, as far as it is known
};

}  // namespace phork::emulator
