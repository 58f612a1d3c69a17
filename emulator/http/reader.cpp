// SPDX-License-Identifier: MIT
#include "emulator/http/reader.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/base/socket_io.h"
#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

constexpr std::size_t kReceiveBytes = std::size_t{64} << 10;

// A sender of a longer body that nobody wants loses its connection.
constexpr std::size_t kMaxDroppedBytes = std::size_t{1} << 30;

}  // namespace

std::optional<std::string_view> HttpInput::take_head() {
  return take_through("\r\n\r\n");
}

std::optional<std::string_view> HttpInput::take_line() {
  std::optional<std::string_view> line = take_through("\r\n");
  if (line) line->remove_suffix(2);
  return line;
}

std::optional<std::string_view> HttpInput::take_some(std::size_t most) {
  if (consumed_ == buffer_.size() && !fill()) return std::nullopt;
  const std::string_view some = std::string_view(buffer_).substr(consumed_, most);
  consumed_ += some.size();
  return some;
}

std::optional<std::string_view> HttpInput::take_through(std::string_view end) {
  std::size_t found = std::string::npos;
  while ((found = buffer_.find(end, consumed_)) == std::string::npos) {
    if (too_long() || !fill()) return std::nullopt;
  }
  const std::size_t length = found + end.size() - consumed_;
  const std::string_view taken = std::string_view(buffer_).substr(consumed_, length);
  consumed_ += length;
  return taken;
}

// Receives more bytes behind those in the buffer.
bool HttpInput::fill() {
  buffer_.erase(0, std::exchange(consumed_, 0));
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kReceiveBytes);
  const auto received = base::receive_some(socket_, buffer_.data() + had, kReceiveBytes);
  buffer_.resize(had + (received ? received.value() : 0));
  if (!received) failure_ = received.error();
  return received.ok();
}

HttpBody::HttpBody(HttpInput& input, const HttpRequest& head)
    : input_(input), chunked_(head.chunked()) {
  const std::string_view length = head.header("content-length");
  if (chunked_) {
    state_ = State::kFirstChunk;
  } else {
    expect_bytes(length.empty() ? "0" : length);
  }
}

HttpBody::HttpBody(HttpInput& input, const HttpReply& head, std::string_view method)
    : input_(input), chunked_(has_token(head.header("transfer-encoding"), "chunked")) {
  const std::string_view length = head.header("content-length");
  if (!sends_body(head.status, method)) {
    state_ = State::kComplete;
  } else if (chunked_) {
    state_ = State::kFirstChunk;
  } else if (!length.empty()) {
    expect_bytes(length);
  } else {
    until_close_ = true;
    left_ = std::numeric_limits<std::size_t>::max();
  }
}

void HttpBody::expect_bytes(std::string_view stated) {
  const std::optional<std::size_t> length = base::parse_number<std::size_t>(stated);
  left_ = length.value_or(0);
  if (!length) {
    state_ = State::kBroken;
  } else if (left_ == 0) {
    state_ = State::kComplete;
  }
}

std::optional<std::string_view> HttpBody::next() {
  if (state_ == State::kFirstChunk || state_ == State::kNextChunk) state_ = read_chunk_head();
  if (state_ != State::kBytes) return std::nullopt;
  const std::optional<std::string_view> part = input_.take_some(left_);
  if (!part) {
    const bool closed = input_.failure()->kind == base::ErrorKind::kDisconnected;
    state_ = until_close_ && closed ? State::kComplete : State::kBroken;
    return std::nullopt;
  }
  if (!until_close_) left_ -= part->size();
  if (left_ == 0) state_ = chunked_ ? State::kNextChunk : State::kComplete;
  return part;
}

void HttpBody::drop_rest() {
  std::size_t dropped = 0;
  while (const auto part = next()) {
    dropped += part->size();
    if (dropped > kMaxDroppedBytes) {
      state_ = State::kBroken;
      return;
    }
  }
}

HttpBody::State HttpBody::read_chunk_head() {
  if (state_ == State::kNextChunk) {
    const std::optional<std::string_view> end = input_.take_line();
    if (!end || !end->empty()) return State::kBroken;
  }
  const std::optional<std::string_view> line = input_.take_line();
  if (!line) return State::kBroken;
  const std::optional<std::size_t> length =
      base::parse_number<std::size_t>(line->substr(0, line->find(';')), 16);
  if (!length) return State::kBroken;
  left_ = *length;
  return left_ == 0 ? read_trailers() : State::kBytes;
}

HttpBody::State HttpBody::read_trailers() {
  while (const auto line = input_.take_line()) {
    if (line->empty()) return State::kComplete;
    if (auto trailer = parse_header_line(*line)) trailers_.push_back(std::move(*trailer));
  }
  return State::kBroken;
}

void keep_body(HttpBody& body, std::size_t limit, HttpRequest& request) {
  while (const auto part = body.next()) {
    if (request.body.size() + part->size() > limit) {
      request.body_too_large = true;
      request.body = {};
      body.drop_rest();
      break;
    }
    request.body.append(*part);
  }
  request.trailers = body.take_trailers();
  request.body_truncated = !body.complete();
}

}  // namespace phork::emulator
