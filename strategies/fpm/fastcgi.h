// SPDX-License-Identifier: MIT
//
// FastCGI 1.0, the web server's side: one request at a time to a responder (php-fpm), on a kept
// connection. Pure: bytes in, bytes out, no I/O; one object per thread. After an error, which means
// that the other side broke the protocol, the connection cannot be used any more.
// https://fastcgi-archives.github.io/FastCGI_Specification.html
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"

namespace phork::strategies::fastcgi {

inline constexpr std::uint16_t kRequestId = 1;
// The largest multiple of 8 that fits a record: a full record needs no padding, and php-fpm refuses
// PARAMS records whose content and padding together exceed 65535 bytes.
inline constexpr std::size_t kMaxContentBytes = 65528;

// A request ready for writev. Borrows the body, owns everything else.
class EncodedRequest {
 public:
  EncodedRequest(std::vector<char> framing, std::vector<std::string_view> pieces)
      : framing_(std::move(framing)), pieces_(std::move(pieces)) {}

  // Pieces point into `framing_`; moving a vector does not move its bytes.
  EncodedRequest(EncodedRequest&&) = default;
  EncodedRequest& operator=(EncodedRequest&&) = default;
  EncodedRequest(const EncodedRequest&) = delete;
  EncodedRequest& operator=(const EncodedRequest&) = delete;
  ~EncodedRequest() = default;

  // To be sent in this order; none is empty.
  const std::vector<std::string_view>& pieces() const { return pieces_; }

 private:
  std::vector<char> framing_;
  std::vector<std::string_view> pieces_;
};

// BEGIN_REQUEST, PARAMS and STDIN with their ends. php-fpm parses each PARAMS record separately, so
// no variable is split across two records; one that fits no record is an error that names it.
base::Result<EncodedRequest> encode_request(const std::vector<event::NameValue>& variables,
                                            std::string_view body);

enum class ProtocolStatus : std::uint8_t {
  kRequestComplete = 0,
  kCannotMultiplex = 1,
  kOverloaded = 2,
  kUnknownRole = 3,
};

struct RequestEnd {
  std::uint32_t app_status = 0;  // php-fpm sends 0 even for a script that did exit(3)
  ProtocolStatus protocol_status = ProtocolStatus::kRequestComplete;
};

// Reads the records that answer one request. Keeps no content: pieces point into the input.
class ResponseDecoder {
 public:
  struct Piece {
    enum class Kind : std::uint8_t { kNeedMore, kStdout, kStderr, kEnd };
    Kind kind = Kind::kNeedMore;
    std::string_view bytes;  // of kStdout and kStderr, not empty
    RequestEnd end;          // of kEnd
  };

  // Takes bytes off the front of `input`, up to and including the next piece; kNeedMore means that
  // it took all. Hands content out before its record is complete. Any byte after kEnd is an error.
  base::Result<Piece> next(std::string_view& input);

 private:
  bool in_header() const { return header_bytes_ < header_.size(); }

  base::Status read_header(std::string_view& input);
  base::Status check_header();
  Piece read_content(std::string_view& input);
  base::Result<Piece> read_end();

  std::array<char, 8> header_{};
  std::size_t header_bytes_ = 0;  // of the current record, received so far
  std::uint8_t type_ = 0;
  std::size_t content_left_ = 0;
  std::size_t padding_left_ = 0;
  std::array<char, 8> end_content_{};
  bool ended_ = false;
};

}  // namespace phork::strategies::fastcgi
