// SPDX-License-Identifier: MIT
#include "strategies/fpm/cgi_response.h"

#include "runtime/base/text.h"
#include "runtime/http/message.h"

namespace phork::strategies {
namespace {

base::Error refuse(const std::string& reason) {
  return base::Error{base::ErrorKind::kInvalid, "strategies: read cgi response: " + reason};
}

}  // namespace

base::Result<std::string_view> CgiResponseReader::feed(std::string_view bytes) {
  while (!head_complete_ && !bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    const std::size_t taken = end == std::string_view::npos ? part.size() : part.size() + 1;
    bytes.remove_prefix(taken);
    head_bytes_ += taken;
    if (head_bytes_ > kMaxHeadBytes) {
      return refuse("expected at most " + std::to_string(kMaxHeadBytes) + " bytes of headers");
    }
    partial_line_ += part;
    if (end == std::string_view::npos) break;
    if (auto status = read_line(partial_line_); !status) return status.error();
    partial_line_.clear();
  }
  return bytes;
}

base::Status CgiResponseReader::finish() const {
  if (head_complete_) return base::ok_status();
  return refuse("expected an empty line after the headers, got the end of the stream after " +
                std::to_string(head_bytes_) + " bytes");
}

base::Error CgiResponseReader::refuse_line(const char* reason) const {
  return refuse("header line " + std::to_string(line_number_) + " " + reason);
}

base::Status CgiResponseReader::read_line(std::string_view line) {
  ++line_number_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) {
    head_complete_ = true;
    return base::ok_status();
  }
  const std::size_t colon = line.find(':');
  // PHP's header() accepts a line without a colon. Ignore it, and keep the other headers.
  if (colon == std::string_view::npos) return base::ok_status();
  const std::string_view name = line.substr(0, colon);
  if (!http::is_token(name)) return refuse_line("has no valid name before its colon");
  const std::string_view value = base::trim(line.substr(colon + 1), base::kHttpBlanks);
  if (value.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos) {
    return refuse_line("has a carriage return or zero byte in its value");
  }
  if (base::equal_in_any_case(name, "status")) return read_status(value);
  headers_.push_back({std::string(name), std::string(value)});
  return base::ok_status();
}

// `NNN` or `NNN reason`; the reason is dropped, as HTTP/2 has none.
base::Status CgiResponseReader::read_status(std::string_view value) {
  const std::string_view digits = value.substr(0, value.find(' '));
  const auto code = base::parse_number<std::uint16_t>(digits);
  if (digits.size() != 3 || !code || *code < 100) {
    return refuse_line("has no status of 100 to 999");
  }
  status_ = *code;
  return base::ok_status();
}

}  // namespace phork::strategies
