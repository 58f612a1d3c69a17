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

constexpr std::string_view kLineEnd = "\r\n";
// Nobody needs a longer line for the size of a chunk; what may stand behind the size is ignored.
constexpr std::size_t kMaxChunkLineBytes = 4096;
constexpr std::size_t kMicrosecondsPerSecond = 1'000'000;

// The size at the front of a chunk's line. Extensions follow a ';', with blanks before it or not:
// https://www.rfc-editor.org/rfc/rfc9112#section-7.1.1
std::optional<std::size_t> chunk_size(std::string_view line) {
  const std::size_t semicolon = line.find(';');
  std::string_view digits = line.substr(0, semicolon);
  if (semicolon != std::string_view::npos) {
    digits = base::trim(digits, base::kHttpBlanks);
    if (line.find('\r') != std::string_view::npos) return std::nullopt;
  }
  return base::parse_number<std::size_t>(digits, 16);
}

}  // namespace

void HttpInput::set_deadline(base::Deadline deadline) {
  deadline_ = deadline;
  bytes_per_second_ = 0;
}

void HttpInput::set_pace(std::chrono::milliseconds patience, std::size_t bytes_per_second) {
  patience_ = patience;
  bytes_per_second_ = bytes_per_second;
  deadline_ = std::chrono::steady_clock::now() + patience;
}

std::optional<std::string_view> HttpInput::take_head() {
  constexpr unsigned kMostEmptyLines = 8;
  unsigned empty_lines = 0;
  std::size_t start = 0;  // of the line, counted from consumed_
  while (const std::optional<std::size_t> end = find_line_end(start, kMaxHeadBytes)) {
    const bool is_empty = *end - start == kLineEnd.size();
    if (is_empty && start > 0) return take(*end);
    if (is_empty) {
      if (++empty_lines > kMostEmptyLines) return std::nullopt;
      take(*end);
    } else {
      start = *end;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> HttpInput::take_line(std::size_t most) {
  const std::optional<std::size_t> end = find_line_end(0, most);
  if (!end) return std::nullopt;
  std::string_view line = take(*end);
  line.remove_suffix(kLineEnd.size());
  return line;
}

std::optional<std::string_view> HttpInput::take_some(std::size_t most) {
  if (!wait_for_byte()) return std::nullopt;
  return take(std::min(most, buffer_.size() - consumed_));
}

bool HttpInput::take_line_end() {
  while (buffer_.size() - consumed_ < kLineEnd.size()) {
    // The first byte decides: another one may never come.
    if (has_bytes() && buffer_[consumed_] != kLineEnd.front()) return false;
    if (!fill()) return false;
  }
  return take(kLineEnd.size()) == kLineEnd;
}

// Where the line that begins at `from` ends, with its line end, both counted from consumed_. Only
// CRLF ends a line: other readers of this connection may take a lone LF for a part of a header.
// nullopt without a line, or when it ends beyond `most`.
std::optional<std::size_t> HttpInput::find_line_end(std::size_t from, std::size_t most) {
  for (std::size_t scanned = from;;) {
    const std::string_view bytes = std::string_view(buffer_).substr(consumed_);
    const std::size_t found = bytes.find('\n', scanned);
    const std::size_t end = found == std::string_view::npos ? bytes.size() : found + 1;
    too_long_ = end > most;
    if (too_long_) return std::nullopt;
    if (found != std::string_view::npos) {
      const bool ends_with_cr = found > from && bytes[found - 1] == '\r';
      return ends_with_cr ? std::optional(end) : std::nullopt;
    }
    scanned = end;
    if (!fill()) return std::nullopt;
  }
}

std::string_view HttpInput::take(std::size_t bytes) {
  const std::string_view taken = std::string_view(buffer_).substr(consumed_, bytes);
  consumed_ += taken.size();
  return taken;
}

// Receives more bytes behind those in the buffer.
bool HttpInput::fill() {
  buffer_.erase(0, std::exchange(consumed_, 0));
  if (deadline_ != base::kNoDeadline && !base::wait_readable(socket_, deadline_)) {
    failure_ = base::Error{base::ErrorKind::kTimeout, "http: receive: the other side is too slow"};
    return false;
  }
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kReceiveBytes);
  const auto received = base::receive_some(socket_, buffer_.data() + had, kReceiveBytes);
  buffer_.resize(had + (received ? received.value() : 0));
  if (!received) failure_ = received.error();
  if (received && bytes_per_second_ > 0) {
    const std::chrono::microseconds bought(received.value() * kMicrosecondsPerSecond /
                                           bytes_per_second_);
    deadline_ = std::min(deadline_ + bought, std::chrono::steady_clock::now() + patience_);
  }
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
  if (state_ == State::kNextChunk && !input_.take_line_end()) return State::kBroken;
  const std::optional<std::string_view> line = input_.take_line(kMaxChunkLineBytes);
  if (!line) return State::kBroken;
  const std::optional<std::size_t> length = chunk_size(*line);
  if (!length) return State::kBroken;
  left_ = *length;
  return left_ == 0 ? read_trailers() : State::kBytes;
}

HttpBody::State HttpBody::read_trailers() {
  std::size_t room = kMaxHeadBytes;  // for all of them together
  while (const auto line = input_.take_line(room)) {
    if (line->empty()) return State::kComplete;
    room -= line->size();
    auto trailer = parse_header_line(*line);
    if (!trailer) return State::kBroken;
    trailers_.push_back(std::move(*trailer));
  }
  trailers_too_long_ = input_.too_long();
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
