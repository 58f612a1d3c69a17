// SPDX-License-Identifier: MIT
//
// An HTTP/1 reply, read from the bytes of the wire as they arrive. Pure: the bytes stay where the
// caller keeps them, and everything here is an offset into them or borrows them.
// https://www.rfc-editor.org/rfc/rfc9112
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace phork::lambda {

// A complete reply. Borrows the bytes that it was read from.
struct Reply {
  int status = 0;
  std::string_view header_lines;  // each with its line end
  std::string_view content;       // the body as it was sent
  bool is_chunked = false;        // `content` is chunks
  // False: the server closes the connection, or bytes came that nobody asked for.
  bool keeps_connection = false;
  // The reply to a second copy of the request (api_connection.h).
  bool repeated = false;

  // The first value of a header that is not empty, taken literally; "" when there is none.
  std::string_view header(std::string_view name) const;
  // The body, copied.
  std::string body() const;
};

// The first header of `lines`, which lose it; nothing when there are no more.
struct HeaderLine {
  std::string_view name;
  std::string_view value;  // without the blanks around it
};

std::optional<HeaderLine> take_header(std::string_view& lines);

// Finds the end of a reply. Interim replies (1xx) before it are skipped.
class ReplyParser {
 public:
  enum class State : std::uint8_t {
    kHead,     // no reply yet, or a part of its head
    kBody,     // its head, and not all of its body
    kWhole,    // reply() is complete
    kInvalid,  // error() says why
  };

  enum class Body : std::uint8_t {
    kNeeded,  // at most kMaxBodyBytes; without a stated length it ends with the connection
    // The status is what counts. A body whose length is not stated, contradictory, or above
    // kMaxOptionalBytes is not waited for; it is empty then, and the connection is not kept.
    kOptional,
  };

  // Many times what the API sends. Interim replies count as a part of the head.
  static constexpr std::size_t kMaxHeadBytes = std::size_t{64} * 1024;
  static constexpr std::size_t kMaxOptionalBytes = std::size_t{1} << 20U;
  static constexpr std::size_t kMaxBodyBytes = std::size_t{64} << 20U;

  explicit ReplyParser(Body body = Body::kNeeded) : body_(body) {}

  // `bytes` are all that have been received, from the first one on; never fewer than before.
  State parse(std::string_view bytes);
  // The server has closed the connection behind `bytes`, which parse() has seen.
  State finish(std::string_view bytes);

  State state() const { return state_; }

  // The reply is at least this long; 0 while that is unknown.
  std::size_t needed_bytes() const { return needed_; }

  // "expected X, got Y", without a byte of the reply.
  const std::string& error() const { return error_; }

  // All of the reply in the `bytes` that were parsed, interim replies included.
  std::string_view raw(std::string_view bytes) const { return bytes.substr(0, end_); }

  Reply reply(std::string_view bytes) const;

 private:
  struct Framing {
    std::optional<std::size_t> length;
    bool is_chunked = false;
    std::string error;
  };

  bool read_head(std::string_view bytes);
  bool read_status(std::string_view line);
  bool read_header(const HeaderLine& header, Framing& framing);
  void begin_body(Framing framing);
  void read_chunks(std::string_view bytes);
  void read_trailers(std::string_view bytes, std::size_t from);
  void end_at(std::size_t end);
  bool refuse(const std::string& expected, const std::string& got);

  std::size_t max_body_bytes() const {
    return body_ == Body::kNeeded ? kMaxBodyBytes : kMaxOptionalBytes;
  }

  Body body_;
  State state_ = State::kHead;
  int status_ = 0;
  bool keeps_connection_ = true;
  bool is_chunked_ = false;
  bool ends_with_connection_ = false;
  std::size_t at_ = 0;        // the first byte that has not been understood yet
  std::size_t searched_ = 0;  // no head ends before it
  std::size_t lines_begin_ = 0;
  std::size_t lines_end_ = 0;
  std::size_t body_begin_ = 0;
  std::size_t body_bytes_ = 0;  // in the chunks so far
  std::size_t end_ = 0;
  std::size_t needed_ = 0;
  std::string error_;
};

}  // namespace phork::lambda
