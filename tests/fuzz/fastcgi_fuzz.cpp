// SPDX-License-Identifier: MIT
//
// Feeds any bytes as php-fpm's answer, cut where the first byte says. Response, errors and end do
// not depend on the cuts. The same bytes as body and variables of a request become records whose
// contents are those bytes again.
#include <string>

#include "strategies/fpm/cgi_response.h"
#include "strategies/fpm/fastcgi.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace phork;
using fuzz::require;
using strategies::CgiResponseReader;
using strategies::fastcgi::ResponseDecoder;
using Kind = ResponseDecoder::Piece::Kind;

struct Read {
  std::string error{};  // the first one; the other fields are empty then
  std::string out{};
  std::string err{};
  std::string body{};
  std::uint16_t status = 0;
  std::vector<event::NameValue> headers{};
  bool ended = false;
  std::uint32_t app_status = 0;

  friend bool operator==(const Read&, const Read&) = default;
};

bool take_output(std::string_view bytes, CgiResponseReader& response, Read& read) {
  read.out.append(bytes);
  const auto body = response.feed(bytes);
  if (!body) {
    read.error = body.error().text;
    return false;
  }
  read.body.append(body.value());
  return true;
}

// False when the stream cannot be read any further.
bool take_piece(const ResponseDecoder::Piece& piece, CgiResponseReader& response, Read& read) {
  switch (piece.kind) {
    case Kind::kStdout:
      require(!piece.bytes.empty(), "a piece of output is not empty");
      return take_output(piece.bytes, response, read);
    case Kind::kStderr:
      require(!piece.bytes.empty(), "a piece of the error stream is not empty");
      read.err.append(piece.bytes);
      return true;
    case Kind::kEnd:
      require(!read.ended, "a request ends once");
      read.ended = true;
      read.app_status = piece.end.app_status;
      return true;
    case Kind::kNeedMore:
      break;
  }
  return true;
}

bool feed(std::string_view input, ResponseDecoder& decoder, CgiResponseReader& response,
          Read& read) {
  while (!input.empty()) {
    const auto piece = decoder.next(input);
    if (!piece) {
      read.error = piece.error().text;
      return false;
    }
    if (!take_piece(piece.value(), response, read)) return false;
  }
  return true;
}

Read read_response(std::string_view stream, std::uint8_t seed) {
  ResponseDecoder decoder;
  CgiResponseReader response;
  Read read;
  for (const std::string_view piece : fuzz::cut(stream, seed)) {
    const fuzz::GuardedBytes bytes(piece);
    if (!feed(bytes.view(), decoder, response, read)) return Read{.error = read.error};
  }
  require(response.finish().ok() == response.head_complete(), "only a whole head is a response");
  read.status = response.status();
  read.headers = response.take_headers();
  return read;
}

// Takes one record off `records` and returns its type and content.
std::pair<char, std::string_view> take_record(std::string_view& records) {
  require(records.size() >= 8 && records[0] == 1, "a record has a header of version 1");
  const auto byte = [&records](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(records[at]));
  };
  const std::size_t content = byte(4) << 8U | byte(5);
  const std::size_t total = 8 + content + byte(6);
  require(records.size() >= total && total % 8 == 0, "a record is whole and aligned");
  const std::pair<char, std::string_view> record{records[1], records.substr(8, content)};
  records.remove_prefix(total);
  return record;
}

void check_request(std::string_view bytes) {
  const std::size_t middle = bytes.size() / 2;
  const std::string name(bytes.substr(0, middle));
  const std::string value(bytes.substr(middle));
  const auto encoded = strategies::fastcgi::encode_request({{name, value}, {"A", "1"}}, bytes);
  if (!encoded) return;
  std::string all;
  for (const std::string_view piece : encoded->pieces()) {
    require(!piece.empty(), "no piece of a request is empty");
    all.append(piece);
  }
  constexpr char kParams = 4;
  constexpr char kStdin = 5;
  std::string params;
  std::string body;
  for (std::string_view records = all; !records.empty();) {
    const auto [type, content] = take_record(records);
    if (type == kParams) params.append(content);
    if (type == kStdin) body.append(content);
  }
  require(body == bytes, "the body arrives as it was given");
  require(params.ends_with(name + value + "\x01\x01" + "A1"), "the variables arrive as given");
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view stream = fuzz::as_text(data, size);
  const std::uint8_t seed = fuzz::take_byte(stream);
  require(read_response(stream, seed) == read_response(stream, 0),
          "a response does not depend on how it is cut");
  check_request(stream);
  return 0;
}
