// SPDX-License-Identifier: MIT
//
// FastCGI 1.0 as the web server's side speaks it to php-fpm: one request at a time, as responder,
// on a connection that is kept. Pure: bytes in, bytes out, no I/O, any thread, one object per
// thread. What does not follow the protocol is an error, after which the connection is of no use.
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
// The largest multiple of 8 that fits a record: full records need no padding, and php-fpm refuses
// PARAMS whose content and padding together pass 65535 bytes.
inline constexpr std::size_t kMaxContentBytes = 65528;

// A request ready for writev. The body is borrowed, everything else owned.
class EncodedRequest {
 public:
  EncodedRequest(std::vector<char> framing, std::vector<std::string_view> pieces)
      : framing_(std::move(framing)), pieces_(std::move(pieces)) {}

  // Pieces point into `framing_`, whose bytes stay where they are when it is moved.
  EncodedRequest(EncodedRequest&&) = default;
  EncodedRequest& operator=(EncodedRequest&&) = default;
  EncodedRequest(const EncodedRequest&) = delete;
  EncodedRequest& operator=(const EncodedRequest&) = delete;
  ~EncodedRequest() = default;

  // To be sent in this order, none empty.
  const std::vector<std::string_view>& pieces() const { return pieces_; }

 private:
  std::vector<char> framing_;
  std::vector<std::string_view> pieces_;
};

// BEGIN_REQUEST, PARAMS and STDIN with their ends. php-fpm reads each PARAMS record by itself, so a
// variable is never cut in two, and one that no record can hold is an error that names it.
base::Result<EncodedRequest> encode_request(const std::vector<event::NameValue>& variables,
                                            std::string_view body);

enum class ProtocolStatus : std::uint8_t {
  kRequestComplete = 0,
  kCannotMultiplex = 1,
  kOverloaded = 2,
  kUnknownRole = 3,
};

struct RequestEnd {
  std::uint32_t app_status = 0;  // php-fpm says 0 even of a script that did exit(3)
  ProtocolStatus protocol_status = ProtocolStatus::kRequestComplete;
};

// Reads the records that answer one request. Holds no content: pieces point into what was given.
class ResponseDecoder {
 public:
  struct Piece {
    enum class Kind : std::uint8_t { kNeedMore, kStdout, kStderr, kEnd };
    Kind kind = Kind::kNeedMore;
    std::string_view bytes;  // of kStdout and kStderr, not empty
    RequestEnd end;          // of kEnd
  };

  // Takes bytes off the front of `input` up to and with the next piece; kNeedMore took them all.
  // Content is handed out as it comes, records need not be whole. Any byte after kEnd is an error.
  base::Result<Piece> next(std::string_view& input);

 private:
  bool in_header() const { return header_bytes_ < header_.size(); }

  base::Status read_header(std::string_view& input);
  base::Status check_header();
  Piece read_content(std::string_view& input);
  base::Result<Piece> read_end();

  std::array<char, 8> header_{};
  std::size_t header_bytes_ = 0;  // of the current record, as far as they came
  std::uint8_t type_ = 0;
  std::size_t content_left_ = 0;
  std::size_t padding_left_ = 0;
  std::array<char, 8> end_content_{};
  bool ended_ = false;
};

}  // namespace phork::strategies::fastcgi
