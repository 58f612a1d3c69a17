// SPDX-License-Identifier: MIT
#include "emulator/invoke_api/event_stream.h"

#include <cstddef>
#include <map>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/event_frames.h"

using namespace phork::emulator;
using phork::testing::bitwise_crc;
using phork::testing::decode_frame;

namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
    text += "0123456789abcdef"[static_cast<unsigned char>(byte) & 0xf];
  }
  return text;
}

std::string all_bytes() {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  return bytes;
}

}  // namespace

TEST_SUITE("event stream") {
  TEST_CASE("the checksum is that of zlib, in one piece or in several") {
    CHECK(crc32("123456789") == 0xCBF43926);
    CHECK(crc32("") == 0);
    CHECK(crc32("6789", crc32("12345")) == 0xCBF43926);
    CHECK(crc32(all_bytes()) == bitwise_crc(all_bytes()));
  }

  TEST_CASE("an empty frame equals the one in the specification") {
    CHECK(hex(event_frame({}, "")) == "000000100000000005c248eb7d98c8ff");
  }

  TEST_CASE("a part of an answer has these bytes") {
    CHECK(hex(payload_chunk("hi")) ==
          "0000006c0000005ab25efdcf0b3a6576656e742d7479706507000c5061796c6f61644368"
          "756e6b0d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465"
          "742d73747265616d0d3a6d6573736167652d747970650700056576656e7468691162e469");
  }

  TEST_CASE("frames read back equal the frames written") {
    for (const std::string& payload :
         {std::string(), std::string("x"), all_bytes(), std::string(100'000, '\0')}) {
      const auto chunk = decode_frame(payload_chunk(payload));
      REQUIRE(chunk);
      CHECK(chunk->payload == payload);
      CHECK(chunk->headers ==
            std::map<std::string, std::string>{{":event-type", "PayloadChunk"},
                                               {":content-type", "application/octet-stream"},
                                               {":message-type", "event"}});
    }
  }

  TEST_CASE("a changed or lost byte breaks any frame") {
    const std::string frame = payload_chunk("payload");
    for (std::size_t i = 0; i < frame.size(); ++i) {
      std::string damaged = frame;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
      CHECK_FALSE(decode_frame(damaged));
      CHECK_FALSE(decode_frame(frame.substr(0, i)));
    }
  }

  TEST_CASE("the last frame holds the outcome, without absent parts") {
    const auto fine = decode_frame(invoke_complete({}));
    REQUIRE(fine);
    CHECK(fine->headers.at(":event-type") == "InvokeComplete");
    CHECK(fine->headers.at(":content-type") == "application/json");
    CHECK(fine->payload == "{}");
    const auto failed =
        decode_frame(invoke_complete({"Unhandled", R"({"errorType":"E"})", "bG9n"}));
    REQUIRE(failed);
    CHECK(failed->payload ==
          R"({"ErrorCode":"Unhandled","ErrorDetails":"{\"errorType\":\"E\"}","LogResult":"bG9n"})");
  }
}
