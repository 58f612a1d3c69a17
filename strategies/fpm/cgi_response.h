// SPDX-License-Identifier: MIT
//
// Splits the standard output of a CGI program into status, headers and body while the bytes come
// in. Keeps the head only and hands the body on. Pure, one object per response; useless after an
// error. https://www.rfc-editor.org/rfc/rfc3875#section-6
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"

namespace phork::strategies {

class CgiResponseReader {
 public:
  // Far more than any client accepts, and low enough to notice a stream without a head.
  static constexpr std::size_t kMaxHeadBytes = 1U << 20;

  // Returns the part of `bytes` that belongs to the body; empty while the head comes in.
  base::Result<std::string_view> feed(std::string_view bytes);
  // Call at the end of the stream: an error when it ended inside the head.
  base::Status finish() const;

  bool head_complete() const { return head_complete_; }

  // From the last `Status` header, which `headers()` does not contain; 200 when there was none.
  std::uint16_t status() const { return status_; }

  // In the order they came; repeated headers are not joined.
  const std::vector<event::NameValue>& headers() const { return headers_; }

  std::vector<event::NameValue> take_headers() { return std::move(headers_); }

 private:
  base::Status read_line(std::string_view line);
  base::Status read_status(std::string_view value);
  base::Error refuse_line(const char* reason) const;

  std::string partial_line_;
  std::size_t head_bytes_ = 0;
  std::size_t line_number_ = 0;
  bool head_complete_ = false;
  std::uint16_t status_ = 200;
  std::vector<event::NameValue> headers_;
};

}  // namespace phork::strategies
