// SPDX-License-Identifier: MIT
#include "strategies/fpm/fastcgi.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace phork::strategies::fastcgi {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kHeaderBytes = 8;
constexpr char kRoleResponder = 1;
constexpr char kKeepConnection = 1;
constexpr std::size_t kMaxNameShown = 64;
constexpr std::size_t kLongLengthFrom = 128;  // lengths below take one byte, others four

enum RecordType : std::uint8_t {
  kBeginRequest = 1,
  kEndRequest = 3,
  kParams = 4,
  kStdin = 5,
  kStdout = 6,
  kStderr = 7,
  kGetValuesResult = 10,
  kUnknownType = 11,
};

base::Error refuse(const std::string& reason) {
  return base::Error{base::ErrorKind::kInvalid, "strategies: read fastcgi record: " + reason};
}

// Takes at most `bytes` off the front of `input`.
std::string_view take(std::string_view& input, std::size_t bytes) {
  const std::string_view taken = input.substr(0, bytes);
  input.remove_prefix(taken.size());
  return taken;
}

std::size_t padding_for(std::size_t content_bytes) {
  return (8 - content_bytes % 8) % 8;
}

std::uint32_t big_endian(const char* source, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    value = (value << 8U) | static_cast<unsigned char>(source[i]);
  }
  return value;
}

class RecordWriter {
 public:
  void header(RecordType type, std::size_t content_bytes) {
    const auto byte = [](std::size_t value) { return static_cast<char>(value & 0xFFU); };
    const std::array<char, kHeaderBytes> raw{kVersion,
                                             static_cast<char>(type),
                                             byte(kRequestId >> 8U),
                                             byte(kRequestId),
                                             byte(content_bytes >> 8U),
                                             byte(content_bytes),
                                             byte(padding_for(content_bytes)),
                                             0};
    append({raw.data(), raw.size()});
  }

  void append(std::string_view bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  void pad(std::size_t content_bytes) {
    bytes_.insert(bytes_.end(), padding_for(content_bytes), '\0');
  }

  void record(RecordType type, std::string_view content) {
    header(type, content.size());
    append(content);
    pad(content.size());
  }

  std::size_t size() const { return bytes_.size(); }

  std::vector<char> take() && { return std::move(bytes_); }

 private:
  std::vector<char> bytes_;
};

void append_length(std::string& content, std::size_t length) {
  if (length >= kLongLengthFrom) {
    content += static_cast<char>(0x80U | (length >> 24U));
    content += static_cast<char>((length >> 16U) & 0xFFU);
    content += static_cast<char>((length >> 8U) & 0xFFU);
  }
  content += static_cast<char>(length & 0xFFU);
}

std::size_t pair_bytes(const event::NameValue& pair) {
  const auto with_length = [](const std::string& text) {
    return text.size() + (text.size() < kLongLengthFrom ? 1 : 4);
  };
  return with_length(pair.name) + with_length(pair.value);
}

base::Status write_params(RecordWriter& records, const std::vector<event::NameValue>& variables) {
  std::string content;
  for (const auto& variable : variables) {
    const std::size_t wanted = pair_bytes(variable);
    if (wanted > kMaxContentBytes) {
      return base::Error{base::ErrorKind::kInvalid,
                         "strategies: encode variable '" + variable.name.substr(0, kMaxNameShown) +
                             "': expected at most " + std::to_string(kMaxContentBytes) +
                             " bytes with its name, got " + std::to_string(wanted)};
    }
    if (content.size() + wanted > kMaxContentBytes) {
      records.record(kParams, content);
      content.clear();
    }
    append_length(content, variable.name.size());
    append_length(content, variable.value.size());
    content += variable.name;
    content += variable.value;
  }
  if (!content.empty()) records.record(kParams, content);
  records.record(kParams, {});
  return base::ok_status();
}

// Alternates framing and body: the framing up to each of `cuts`, then a chunk of the body.
std::vector<std::string_view> interleave(std::string_view framing,
                                         const std::vector<std::size_t>& cuts,
                                         std::string_view body) {
  std::vector<std::string_view> pieces;
  pieces.reserve(2 * cuts.size() + 1);
  std::size_t sent = 0;
  for (const std::size_t cut : cuts) {
    pieces.push_back(framing.substr(sent, cut - sent));
    pieces.push_back(body.substr(0, kMaxContentBytes));
    body.remove_prefix(pieces.back().size());
    sent = cut;
  }
  pieces.push_back(framing.substr(sent));
  return pieces;
}

}  // namespace

base::Result<EncodedRequest> encode_request(const std::vector<event::NameValue>& variables,
                                            std::string_view body) {
  RecordWriter records;
  constexpr std::array<char, 8> kBegin{0, kRoleResponder, kKeepConnection, 0, 0, 0, 0, 0};
  records.record(kBeginRequest, {kBegin.data(), kBegin.size()});
  if (auto written = write_params(records, variables); !written) return written.error();

  std::vector<std::size_t> cuts;
  for (std::size_t sent = 0; sent < body.size(); sent += kMaxContentBytes) {
    const std::size_t chunk = std::min(body.size() - sent, kMaxContentBytes);
    records.header(kStdin, chunk);
    cuts.push_back(records.size());
    records.pad(chunk);
  }
  records.record(kStdin, {});

  std::vector<char> framing = std::move(records).take();
  auto pieces = interleave({framing.data(), framing.size()}, cuts, body);
  return EncodedRequest(std::move(framing), std::move(pieces));
}

base::Result<ResponseDecoder::Piece> ResponseDecoder::next(std::string_view& input) {
  while (!input.empty()) {
    if (ended_) return refuse("expected nothing after the end of the request, got more bytes");
    Piece piece;
    if (in_header()) {
      if (auto status = read_header(input); !status) return status.error();
    } else if (content_left_ > 0) {
      piece = read_content(input);
    } else {
      padding_left_ -= take(input, padding_left_).size();
    }
    if (!in_header() && content_left_ == 0 && padding_left_ == 0) {
      header_bytes_ = 0;
      if (type_ == kEndRequest) return read_end();
    }
    if (piece.kind != Piece::Kind::kNeedMore) return piece;
  }
  return Piece{};
}

base::Status ResponseDecoder::read_header(std::string_view& input) {
  const std::string_view part = take(input, header_.size() - header_bytes_);
  std::memcpy(header_.data() + header_bytes_, part.data(), part.size());
  header_bytes_ += part.size();
  return in_header() ? base::ok_status() : check_header();
}

base::Status ResponseDecoder::check_header() {
  const std::uint32_t version = big_endian(header_.data(), 1);
  type_ = static_cast<std::uint8_t>(header_[1]);
  const std::uint32_t request_id = big_endian(header_.data() + 2, 2);
  content_left_ = big_endian(header_.data() + 4, 2);
  padding_left_ = big_endian(header_.data() + 6, 1);

  if (version != kVersion) return refuse("expected version 1, got " + std::to_string(version));
  const bool of_request = type_ == kStdout || type_ == kStderr || type_ == kEndRequest;
  if (!of_request && type_ != kGetValuesResult && type_ != kUnknownType) {
    return refuse("expected a type that php-fpm may send, got " + std::to_string(type_));
  }
  const std::uint32_t expected_id = of_request ? kRequestId : 0;
  if (request_id != expected_id) {
    return refuse("expected request id " + std::to_string(expected_id) + ", got " +
                  std::to_string(request_id));
  }
  if (type_ == kEndRequest && content_left_ != end_content_.size()) {
    return refuse("expected 8 bytes in the end of the request, got " +
                  std::to_string(content_left_));
  }
  return base::ok_status();
}

ResponseDecoder::Piece ResponseDecoder::read_content(std::string_view& input) {
  const std::string_view bytes = take(input, content_left_);
  if (type_ == kEndRequest) {
    std::memcpy(end_content_.data() + end_content_.size() - content_left_, bytes.data(),
                bytes.size());
  }
  content_left_ -= bytes.size();
  if (type_ == kStdout) return Piece{Piece::Kind::kStdout, bytes, {}};
  if (type_ == kStderr) return Piece{Piece::Kind::kStderr, bytes, {}};
  return Piece{};
}

base::Result<ResponseDecoder::Piece> ResponseDecoder::read_end() {
  ended_ = true;
  RequestEnd end;
  end.app_status = big_endian(end_content_.data(), 4);
  const std::uint32_t status = big_endian(end_content_.data() + 4, 1);
  end.protocol_status = static_cast<ProtocolStatus>(status);
  if (end.protocol_status > ProtocolStatus::kUnknownRole) {
    return refuse("expected a protocol status of 0 to 3, got " + std::to_string(status));
  }
  return Piece{Piece::Kind::kEnd, {}, end};
}

}  // namespace phork::strategies::fastcgi
