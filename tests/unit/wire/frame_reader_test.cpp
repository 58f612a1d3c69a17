// SPDX-License-Identifier: MIT
#include <set>

#include <doctest/doctest.h>

#include "runtime/wire/frames.h"
#include "tests/support/bytes.h"

namespace phork::wire {
namespace {

using State = FrameReader::State;
using testing::from_hex;

void feed(FrameReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const FrameReader::Space space = reader.space();
    const std::size_t size = std::min(space.size, bytes.size());
    std::memcpy(space.data, bytes.data(), size);
    reader.commit(size);
    bytes.remove_prefix(size);
  }
}

std::string whole(const EncodedFrame& frame) {
  return frame.head + std::string(frame.tail);
}

std::string answer(std::string_view json) {
  return whole(encode(Answer{.usage = {}, .json = json}));
}

State state_of(FrameReader& reader) {
  const auto state = reader.poll();
  REQUIRE(state.ok());
  return state.value();
}

std::string refusal_of(std::string_view header_hex) {
  FrameReader reader;
  feed(reader, from_hex(std::string(header_hex)));
  const auto state = reader.poll();
  REQUIRE_FALSE(state.ok());
  CHECK(state.error().kind == base::ErrorKind::kInvalid);
  return state.error().text;
}

}  // namespace

TEST_SUITE("frame reader") {
  TEST_CASE("a frame is complete with its last byte and not earlier") {
    const std::string bytes = answer("null");
    FrameReader reader;
    CHECK(reader.empty());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      CHECK(state_of(reader) == State::kNeedMore);
      feed(reader, std::string_view(bytes).substr(i, 1));
      CHECK_FALSE(reader.empty());
    }
    REQUIRE(state_of(reader) == State::kFrame);
    CHECK(reader.frame().type == FrameType::kAnswer);
    CHECK(decode_answer(reader.frame().payload).value().json == "null");
    reader.drop();
    CHECK(reader.empty());
    CHECK(state_of(reader) == State::kNeedMore);
  }

  TEST_CASE("a frame is kept until it is dropped") {
    FrameReader reader;
    feed(reader, answer("1"));
    REQUIRE(state_of(reader) == State::kFrame);
    const char* payload = reader.frame().payload.data();
    REQUIRE(state_of(reader) == State::kFrame);
    CHECK(reader.frame().payload.data() == payload);
  }

  TEST_CASE("bytes behind a dropped frame are kept") {
    FrameReader reader;
    feed(reader, answer("1") + answer("[2]") + whole(encode_fork()).substr(0, 5));
    REQUIRE(state_of(reader) == State::kFrame);
    reader.drop();
    REQUIRE(state_of(reader) == State::kFrame);
    CHECK(decode_answer(reader.frame().payload).value().json == "[2]");
    reader.drop();
    CHECK(state_of(reader) == State::kNeedMore);
    feed(reader, whole(encode_fork()).substr(5));
    REQUIRE(state_of(reader) == State::kFrame);
    CHECK(reader.frame().type == FrameType::kFork);
    CHECK(reader.frame().payload.empty());
  }

  TEST_CASE("dropping half a frame has no effect") {
    const std::string bytes = answer("null");
    FrameReader reader;
    reader.drop();
    feed(reader, bytes.substr(0, 12));
    CHECK(state_of(reader) == State::kNeedMore);
    reader.drop();
    feed(reader, bytes.substr(12));
    CHECK(state_of(reader) == State::kFrame);
  }

  TEST_CASE("after a frame's header the buffer has room for the whole frame") {
    const std::string bytes = answer(std::string(6'000'000, 'x'));
    FrameReader reader;
    CHECK(reader.space().size >= 4096);
    feed(reader, std::string_view(bytes).substr(0, 100));
    REQUIRE(state_of(reader) == State::kNeedMore);
    CHECK(reader.space().size >= bytes.size() - 100);
    feed(reader, std::string_view(bytes).substr(100));
    REQUIRE(state_of(reader) == State::kFrame);
    CHECK(reader.frame().payload == std::string_view(bytes).substr(kFrameHeaderBytes));
  }

  TEST_CASE("the buffer is used again for the next frame") {
    FrameReader reader;
    feed(reader, answer(std::string(1'000'000, 'x')));
    REQUIRE(state_of(reader) == State::kFrame);
    reader.drop();
    const FrameReader::Space space = reader.space();
    CHECK(space.size >= 1'000'000);
    feed(reader, answer(std::string(900'000, 'y')));
    REQUIRE(state_of(reader) == State::kFrame);
    CHECK(reader.frame().payload.data() == space.data + kFrameHeaderBytes);
  }

  TEST_CASE("bytes that cannot be a frame are refused and described") {
    CHECK(refusal_of("00000000 63 000000") == "wire: read frame: unknown type 99");
    CHECK(refusal_of("00000000 00 000000") == "wire: read frame: unknown type 0");
    CHECK(refusal_of("00000000 ff 000000") == "wire: read frame: unknown type 255");
    CHECK(refusal_of("00000000 01 000100") ==
          "wire: read frame: expected zero padding in the header, 256 came");
    CHECK(refusal_of("01000010 03 000000") ==
          "wire: read frame: expected at most 268435456 payload bytes, 268435457 are announced");
    // A line of log text instead of a frame.
    CHECK(refusal_of("50485020 5761726e") ==
          "wire: read frame: expected zero padding in the header, 7238241 came");
  }

  TEST_CASE("the types of PROTOCOL.md are known, and no other") {
    const std::set<int> known{1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 32, 33, 34};
    for (int type = 0; type <= 255; ++type) {
      CAPTURE(type);
      std::string header(kFrameHeaderBytes, '\0');
      header[kFrameTypeOffset] = static_cast<char>(type);
      FrameReader reader;
      feed(reader, header);
      CHECK(reader.poll().ok() == known.contains(type));
    }
  }

  TEST_CASE("a streamed answer is read frame by frame, including an empty piece") {
    FrameReader reader;
    feed(reader, whole(encode(StreamHead{200, {{"A", "1"}}, "one"})) +
                     whole(encode(StreamPiece{""})) + whole(encode(StreamPiece{"two"})) +
                     whole(encode(StreamEnd{.usage = {5, 6}})));
    REQUIRE(state_of(reader) == State::kFrame);
    CHECK(reader.frame().type == FrameType::kStreamHead);
    CHECK(decode_stream_head(reader.frame().payload).value().bytes == "one");
    for (const std::string_view bytes : {"", "two"}) {
      reader.drop();
      REQUIRE(state_of(reader) == State::kFrame);
      CHECK(reader.frame().type == FrameType::kStreamPiece);
      CHECK(decode_stream_piece(reader.frame().payload).value().bytes == bytes);
    }
    reader.drop();
    REQUIRE(state_of(reader) == State::kFrame);
    CHECK(reader.frame().type == FrameType::kStreamEnd);
    CHECK(decode_stream_end(reader.frame().payload).value().usage.php_us == 6);
  }

  TEST_CASE("the header of the largest allowed payload is accepted") {
    FrameReader reader;
    feed(reader, from_hex("00000010 03 000000"));
    CHECK(state_of(reader) == State::kNeedMore);
  }

  TEST_CASE("a refused stream stays refused") {
    FrameReader reader;
    feed(reader, from_hex("00000000 63 000000") + answer("1"));
    CHECK_FALSE(reader.poll().ok());
    reader.drop();
    CHECK_FALSE(reader.poll().ok());
  }

  TEST_CASE("a stream cut at random positions gives the same frames") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::vector<std::string> sent;
    std::string stream;
    for (std::size_t i = 0; i < 200; ++i) {
      sent.push_back(testing::random_bytes(random() % (i % 10 == 0 ? 50'000 : 50), random));
      stream += answer(sent.back());
    }
    FrameReader reader;
    std::vector<std::string> received;
    for (const std::string_view chunk : testing::random_chunks(stream, 9000, random)) {
      feed(reader, chunk);
      while (state_of(reader) == State::kFrame) {
        received.emplace_back(decode_answer(reader.frame().payload).value().json);
        reader.drop();
      }
    }
    CHECK(reader.empty());
    CHECK(received == sent);
  }
}

}  // namespace phork::wire
