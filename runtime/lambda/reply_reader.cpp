// SPDX-License-Identifier: MIT
#include "runtime/lambda/reply_reader.h"

#include <algorithm>

#include "runtime/base/text.h"

namespace phork::lambda {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kVersion = "HTTP/1.";

// Many times what the API sends.
constexpr std::size_t kMaxHeadBytes = std::size_t{64} * 1024;
constexpr std::size_t kMaxBodyBytes = std::size_t{1024} * 1024;

// "HTTP/1.1 202 Accepted": 202, and 0 for anything else.
int parse_status(std::string_view line) {
  constexpr std::size_t kCodeAt = 9;
  constexpr std::size_t kCodeBytes = 3;
  if (line.size() < kCodeAt + kCodeBytes || line[kCodeAt - 1] != ' ') return 0;
  const auto code = base::parse_number<std::size_t>(line.substr(kCodeAt, kCodeBytes));
  return code && *code >= 100 && *code < 600 ? static_cast<int>(*code) : 0;
}

}  // namespace

ReplyReader::State ReplyReader::take(std::string_view bytes) {
  received_.append(bytes);
  while (state_ == State::kHead && skip_interim()) continue;
  if (state_ == State::kBody) read_body();
  return state_;
}

// Looks for one head. True where it was that of an interim response, which another one follows.
bool ReplyReader::skip_interim() {
  const bool is_http =
      received_.starts_with(kVersion) || kVersion.starts_with(std::string_view(received_));
  const auto end = received_.find(kHeadEnd);
  if (!is_http || std::min(end, received_.size()) > kMaxHeadBytes) state_ = State::kInvalid;
  if (state_ == State::kInvalid || end == std::string::npos) return false;

  read_head(std::string_view(received_).substr(0, end));
  received_.erase(0, end + kHeadEnd.size());
  if (reply_.status >= 200) state_ = State::kBody;
  if (reply_.status == 0) state_ = State::kInvalid;
  return state_ == State::kHead;
}

void ReplyReader::read_head(std::string_view head) {
  const std::string_view first = head.substr(0, head.find(kLineEnd));
  reply_ = {};
  reply_.status = parse_status(first);
  reply_.keeps_connection = !first.starts_with("HTTP/1.0");
  body_bytes_.reset();
  is_coded_ = false;
  head.remove_prefix(first.size());
  while (!head.empty()) {
    head.remove_prefix(kLineEnd.size());
    const std::string_view line = head.substr(0, head.find(kLineEnd));
    read_header(line);
    head.remove_prefix(line.size());
  }
}

void ReplyReader::read_header(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = base::trim(line.substr(colon + 1), base::kHttpBlanks);
  if (base::equal_in_any_case(name, "Content-Length"))
    body_bytes_ = base::parse_number<std::size_t>(value);
  if (base::equal_in_any_case(name, "Transfer-Encoding")) is_coded_ = true;
  if (base::equal_in_any_case(name, "Connection") && base::equal_in_any_case(value, "close")) {
    reply_.keeps_connection = false;
  }
}

void ReplyReader::read_body() {
  if (reply_.status == 204) body_bytes_ = 0;
  const bool is_readable = !is_coded_ && body_bytes_ && *body_bytes_ <= kMaxBodyBytes;
  if (is_readable && received_.size() < *body_bytes_) return;
  // Bytes behind the end answer nothing that was asked.
  if (!is_readable || received_.size() > *body_bytes_) reply_.keeps_connection = false;
  reply_.body = received_.substr(0, body_bytes_.value_or(received_.size()));
  state_ = State::kWhole;
}

}  // namespace phork::lambda
