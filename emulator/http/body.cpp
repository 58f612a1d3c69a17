// SPDX-License-Identifier: MIT
#include "emulator/http/body.h"

#include <utility>

#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

// Beyond this the connection is closed on whoever sends a body that nobody wants.
constexpr std::size_t kMaxDroppedBytes = std::size_t{1} << 30;

}  // namespace

HttpBody::HttpBody(HttpInput& input, const HttpRequest& head)
    : input_(input), chunked_(head.chunked()) {
  if (chunked_) {
    state_ = State::kFirstChunk;
    return;
  }
  const std::string_view stated = head.header("content-length");
  const std::optional<std::size_t> length =
      base::parse_number<std::size_t>(stated.empty() ? "0" : stated);
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
    state_ = State::kBroken;
    return std::nullopt;
  }
  left_ -= part->size();
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
