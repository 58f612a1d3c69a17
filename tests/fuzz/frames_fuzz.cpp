// SPDX-License-Identifier: MIT
//
// Feeds any bytes as the stream between supervisor and worker, cut where the first byte says. The
// frames do not depend on the cuts, and the encoder writes what a decoder accepts with the same
// bytes.
#include <optional>
#include <string>

#include "runtime/wire/field_codec.h"
#include "runtime/wire/frames.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using namespace phork;
using fuzz::require;
using wire::EncodedFrame;
using wire::FrameReader;
using wire::FrameType;

// A frame announced as longer than this is not read to its end, because the reader makes room for
// all of it.
constexpr std::size_t kMostPayloadBytes = 1U << 16;

template <typename T, typename Encode>
std::optional<std::string> recode(const base::Result<T>& decoded, Encode encode) {
  if (!decoded) return std::nullopt;
  const EncodedFrame frame = encode(decoded.value());
  return frame.head + std::string(frame.tail);
}

// Decodes the payload and encodes it again; nothing when the payload is refused.
std::optional<std::string> recode(FrameType type, std::string_view payload) {
  const auto encode = [](const auto& message) { return wire::encode(message); };
  const auto failed = [type](const wire::Failed& message) { return wire::encode(type, message); };
  switch (type) {
    case FrameType::kReady:
      return recode(wire::decode_ready(payload), encode);
    case FrameType::kAnswer:
      return recode(wire::decode_answer(payload), encode);
    case FrameType::kResponse:
      return recode(wire::decode_response(payload), encode);
    case FrameType::kBootFailed:
    case FrameType::kFailure:
      return recode(wire::decode_failed(payload), failed);
    case FrameType::kInvoke:
      return recode(wire::decode_invoke(payload), encode);
    case FrameType::kRequest:
      return recode(wire::decode_request(payload), encode);
    case FrameType::kForked:
      return recode(wire::decode_forked(payload), encode);
    case FrameType::kExited:
      return recode(wire::decode_exited(payload), encode);
    case FrameType::kStreamHead:
      return recode(wire::decode_stream_head(payload), encode);
    case FrameType::kStreamPiece:
      return recode(wire::decode_stream_piece(payload), encode);
    case FrameType::kStreamEnd:
      return recode(wire::decode_stream_end(payload), encode);
    case FrameType::kFork:
      break;  // has no payload
  }
  return std::nullopt;
}

std::string whole(FrameType type, std::string_view payload) {
  std::string frame(wire::kFrameHeaderBytes, '\0');
  wire::put_little_endian(frame.data(), static_cast<std::uint32_t>(payload.size()));
  frame[wire::kFrameTypeOffset] = static_cast<char>(type);
  return frame.append(payload);
}

void check_frame(const wire::Frame& frame, std::string& frames) {
  const fuzz::GuardedBytes payload(frame.payload);
  const std::string bytes = whole(frame.type, payload.view());
  if (const auto recoded = recode(frame.type, payload.view())) {
    require(*recoded == bytes, "a decoded frame is encoded with the same bytes");
  }
  const auto message = wire::parse_message(bytes);
  require(message.ok() && message->payload == payload.view(), "a frame of a stream is a message");
  frames.append(bytes);
}

// True when the last frame in `seen`, whose header the reader has taken, is too long.
bool is_too_long(std::string_view seen, std::size_t frames_bytes) {
  seen.remove_prefix(frames_bytes);
  return seen.size() >= wire::kFrameHeaderBytes &&
         wire::get_little_endian<std::uint32_t>(seen.data()) > kMostPayloadBytes;
}

// All complete frames of the stream, and "!" where the reader refused it.
std::string read_frames(std::string_view stream, std::uint8_t seed) {
  FrameReader reader;
  std::string frames;
  std::size_t seen = 0;
  for (const std::string_view piece : fuzz::cut(stream, seed)) {
    std::string_view rest = piece;
    while (!rest.empty()) {
      if (is_too_long(stream.substr(0, seen), frames.size())) return frames;
      const FrameReader::Space space = reader.space();
      const std::string_view part = rest.substr(0, space.size);
      part.copy(space.data, part.size());
      reader.commit(part.size());
      rest.remove_prefix(part.size());
      seen += part.size();
      for (;;) {
        const auto state = reader.poll();
        if (!state) return frames + "!";
        if (state.value() == FrameReader::State::kNeedMore) break;
        check_frame(reader.frame(), frames);
        reader.drop();
      }
    }
  }
  require(reader.empty() == (frames.size() == stream.size()), "nothing is lost between frames");
  return frames;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view stream = fuzz::as_text(data, size);
  const std::uint8_t seed = fuzz::take_byte(stream);
  require(read_frames(stream, seed) == read_frames(stream, 0),
          "the frames of a stream do not depend on how it is cut");
  return 0;
}
