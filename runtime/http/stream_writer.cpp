// SPDX-License-Identifier: MIT
#include "runtime/http/stream_writer.h"

#include <string>

#include "runtime/http/answer_writer.h"
#include "runtime/http/header.h"

namespace phork::http {
namespace {

constexpr std::string_view kPreludeType = "application/vnd.awslambda.http-integration-response";
constexpr std::string_view kRawType = "application/octet-stream";
constexpr std::size_t kSeparatorBytes = 8;

std::string content_type(const std::vector<event::NameValue>& headers) {
  for (const event::NameValue& header : headers) {
    if (equals_lower_case(header.name, "content-type")) return header.value;
  }
  return std::string(kRawType);
}

}  // namespace

base::Status StreamWriter::open(std::uint16_t status, const std::vector<event::NameValue>& headers,
                                std::string_view first_bytes, base::Deadline deadline) {
  if (status == kNoStatus) {
    if (auto begun = stream_.begin(content_type(headers)); !begun) return begun;
    return write(first_bytes, deadline);
  }
  has_body_ = has_body(status);
  if (auto begun = stream_.begin(std::string(kPreludeType)); !begun) return begun;
  std::string prelude = write_prelude({status, headers, {}}, shape_);
  prelude.append(kSeparatorBytes, '\0');
  if (has_body_) prelude.append(first_bytes);
  return stream_.write(prelude, deadline);
}

base::Status StreamWriter::write(std::string_view bytes, base::Deadline deadline) {
  return has_body_ && !bytes.empty() ? stream_.write(bytes, deadline) : base::ok_status();
}

}  // namespace phork::http
