// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>

#include "runtime/wire/field_codec.h"
#include "runtime/wire/frames.h"

namespace phork::wire {
namespace {

constexpr std::size_t kLeastSpaceBytes = 4096;
// Most events fit, so that they are read with one call. More would only be more pages to touch.
constexpr std::size_t kFirstBufferBytes = 4 * kLeastSpaceBytes;

bool is_known(FrameType type) {
  switch (type) {
    case FrameType::kReady:
    case FrameType::kBootFailed:
    case FrameType::kAnswer:
    case FrameType::kResponse:
    case FrameType::kFailure:
    case FrameType::kStreamHead:
    case FrameType::kStreamPiece:
    case FrameType::kStreamEnd:
    case FrameType::kInvoke:
    case FrameType::kRequest:
    case FrameType::kFork:
    case FrameType::kForked:
    case FrameType::kExited:
      return true;
  }
  return false;
}

base::Error refuse(const std::string& reason) {
  return base::Error{base::ErrorKind::kInvalid, "wire: read frame: " + reason};
}

// The payload's length, once the header is one that we would send.
base::Result<std::size_t> check_header(const char* header) {
  const std::size_t length = get_little_endian<std::uint32_t>(header);
  const auto type = static_cast<FrameType>(header[kFrameTypeOffset]);
  // Type and padding make one number: 'tt 00 00 00'.
  const auto padded_type = get_little_endian<std::uint32_t>(header + kFrameTypeOffset);
  if (padded_type >> 8U != 0) {
    return refuse("expected zero padding in the header, " + std::to_string(padded_type >> 8U) +
                  " came");
  }
  if (!is_known(type)) return refuse("unknown type " + std::to_string(padded_type));
  if (length > kMaxPayloadBytes) {
    return refuse("expected at most " + std::to_string(kMaxPayloadBytes) + " payload bytes, " +
                  std::to_string(length) + " are announced");
  }
  return length;
}

}  // namespace

base::Result<Frame> parse_message(std::string_view bytes) {
  if (bytes.size() < kFrameHeaderBytes) {
    return refuse("expected a header of " + std::to_string(kFrameHeaderBytes) + " bytes, " +
                  std::to_string(bytes.size()) + " came");
  }
  const auto payload_bytes = check_header(bytes.data());
  if (!payload_bytes) return payload_bytes.error();
  if (bytes.size() != kFrameHeaderBytes + payload_bytes.value()) {
    return refuse("expected a message of " + std::to_string(payload_bytes.value()) +
                  " payload bytes, " + std::to_string(bytes.size() - kFrameHeaderBytes) + " came");
  }
  return Frame{static_cast<FrameType>(bytes[kFrameTypeOffset]), bytes.substr(kFrameHeaderBytes)};
}

FrameReader::Space FrameReader::space() {
  const std::size_t frame_rest = frame_bytes_ > filled_ ? frame_bytes_ - filled_ : 0;
  const std::size_t wanted = std::max(frame_rest, kLeastSpaceBytes);
  if (buffer_.size() - filled_ < wanted) {
    buffer_.resize(std::max(filled_ + wanted, kFirstBufferBytes));
  }
  return {buffer_.data() + filled_, buffer_.size() - filled_};
}

void FrameReader::commit(std::size_t bytes) {
  filled_ += std::min(bytes, buffer_.size() - filled_);
}

base::Result<FrameReader::State> FrameReader::poll() {
  if (frame_bytes_ == 0) {
    if (filled_ < kFrameHeaderBytes) return State::kNeedMore;
    const auto payload_bytes = check_header(buffer_.data());
    if (!payload_bytes) return payload_bytes.error();
    frame_bytes_ = kFrameHeaderBytes + payload_bytes.value();
  }
  if (filled_ < frame_bytes_) return State::kNeedMore;
  frame_.type = static_cast<FrameType>(buffer_[kFrameTypeOffset]);
  frame_.payload =
      std::string_view(buffer_).substr(kFrameHeaderBytes, frame_bytes_ - kFrameHeaderBytes);
  return State::kFrame;
}

void FrameReader::drop() {
  if (frame_bytes_ == 0 || filled_ < frame_bytes_) return;
  filled_ -= frame_bytes_;
  std::memmove(buffer_.data(), buffer_.data() + frame_bytes_, filled_);
  frame_bytes_ = 0;
  frame_ = {};
}

}  // namespace phork::wire
