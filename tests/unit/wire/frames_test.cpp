// SPDX-License-Identifier: MIT
#include "runtime/wire/frames.h"

#include <doctest/doctest.h>

#include "tests/support/bytes.h"

namespace phork::wire {
namespace {

using testing::for_each_bit_flip;
using testing::from_hex;
using testing::GuardedBytes;
using testing::to_hex;

template <typename T>
base::Result<std::string> recode(base::Result<T> decoded, EncodedFrame (*encode_again)(const T&)) {
  if (!decoded) return decoded.error();
  const EncodedFrame frame = encode_again(decoded.value());
  return frame.head.substr(kFrameHeaderBytes) + std::string(frame.tail);
}

// One message with every field set: its bytes, and its way through the decoder and back.
struct Sample {
  std::string name;
  EncodedFrame frame;
  std::string hex;
  base::Result<std::string> (*recode_payload)(std::string_view);

  std::string payload() const {
    return frame.head.substr(kFrameHeaderBytes) + std::string(frame.tail);
  }

  std::size_t fixed_bytes() const { return frame.head.size() - kFrameHeaderBytes; }
};

event::Invocation sample_invocation() {
  event::Invocation invocation;
  invocation.request_id = "r1";
  invocation.invocation_id = "i2";
  invocation.deadline = event::WallTime(std::chrono::milliseconds(1'700'000'000'123));
  invocation.function_arn = "arn";
  invocation.trace_id = "t";
  invocation.client_context = "{}";
  invocation.cognito_identity = "[]";
  invocation.tenant_id = "ten";
  return invocation;
}

constexpr Usage kUsage{.minor_faults = 0x01020304, .php_us = 0x1122334455667788};
constexpr std::string_view kUsageHex = "04030201 8877665544332211";
constexpr std::string_view kInvocationHex =
    "02000000 7231  02000000 6932  7b68e5cf8b010000  03000000 61726e  01000000 74"
    "02000000 7b7d  02000000 5b5d  03000000 74656e";

std::string hex_of(std::string_view first, std::string_view second, std::string_view third = {}) {
  return to_hex(from_hex(std::string(first) + std::string(second) + std::string(third)));
}

Sample ready_sample() {
  return {"ready", encode(Ready{.serves = Serves::kHttp, .generation = 7, .boot_us = 1000}),
          hex_of("0d000000 01 000000", "02 07000000 e803000000000000"),
          [](std::string_view payload) { return recode<Ready>(decode_ready(payload), encode); }};
}

Sample answer_sample() {
  return {"answer", encode(Answer{.usage = kUsage, .json = "null"}),
          hex_of("10000000 03 000000", kUsageHex, "6e756c6c"),
          [](std::string_view payload) { return recode<Answer>(decode_answer(payload), encode); }};
}

Sample response_sample() {
  const Response response{kUsage, 404, {{"A", "1"}, {"Set-Cookie", ""}}, "body"};
  return {
      "response", encode(response),
      hex_of("32000000 04 000000", kUsageHex,
             "9401  02000000  01000000 41 01000000 31"
             "0a000000 5365742d436f6f6b6965 00000000  626f6479"),
      [](std::string_view payload) { return recode<Response>(decode_response(payload), encode); }};
}

Sample stream_head_sample() {
  return {"stream head", encode(StreamHead{404, {{"A", "1"}, {"Set-Cookie", ""}}, "first"}),
          hex_of("27000000 06 000000",
                 "9401  02000000  01000000 41 01000000 31"
                 "0a000000 5365742d436f6f6b6965 00000000  6669727374"),
          [](std::string_view payload) {
            return recode<StreamHead>(decode_stream_head(payload), encode);
          }};
}

Sample stream_piece_sample() {
  return {"stream piece", encode(StreamPiece{"next"}), hex_of("04000000 07 000000", "6e657874"),
          [](std::string_view payload) {
            return recode<StreamPiece>(decode_stream_piece(payload), encode);
          }};
}

Sample stream_end_sample() {
  return {"stream end", encode(StreamEnd{kUsage}), hex_of("0c000000 08 000000", kUsageHex),
          [](std::string_view payload) {
            return recode<StreamEnd>(decode_stream_end(payload), encode);
          }};
}

Sample failure_sample() {
  const Failed failed{kUsage, {"E", "no", {"#0 a", ""}}};
  return {"failure", encode(FrameType::kFailure, failed),
          hex_of("27000000 05 000000", kUsageHex,
                 "01000000 45  02000000 6e6f  02000000 04000000 23302061 00000000"),
          [](std::string_view payload) {
            return recode<Failed>(decode_failed(payload), [](const Failed& message) {
              return encode(FrameType::kFailure, message);
            });
          }};
}

Sample invoke_sample() {
  event::Invocation invocation = sample_invocation();
  invocation.event = R"({"a":1})";
  Sample sample{"invoke", encode(invocation),
                hex_of("3a000000 10 000000", kInvocationHex, "7b2261223a317d"),
                [](std::string_view payload) {
                  return recode<event::Invocation>(decode_invoke(payload), encode);
                }};
  sample.frame.tail = R"({"a":1})";  // `invocation` ends here
  return sample;
}

Sample request_sample() {
  return {
      "request", encode(Request{sample_invocation(), {{"REQUEST_METHOD", "GET"}}, "hi"}),
      hex_of("52000000 11 000000", kInvocationHex,
             "01000000  0e000000 524551554553545f4d4554484f44 03000000 474554  6869"),
      [](std::string_view payload) { return recode<Request>(decode_request(payload), encode); }};
}

Sample forked_sample() {
  return {"forked", encode(Forked{.pid = 4242, .error = 11}),
          hex_of("08000000 21 000000", "92100000 0b000000"),
          [](std::string_view payload) { return recode<Forked>(decode_forked(payload), encode); }};
}

Sample exited_sample() {
  const Exited exited{.pid = 4242, .wait_status = -1, .cpu_us = 5, .max_rss_bytes = 1U << 24U};
  return {"exited", encode(exited),
          hex_of("18000000 22 000000", "92100000 ffffffff 0500000000000000 0000000100000000"),
          [](std::string_view payload) { return recode<Exited>(decode_exited(payload), encode); }};
}

std::vector<Sample> samples() {
  return {ready_sample(),       answer_sample(),       response_sample(),   failure_sample(),
          stream_head_sample(), stream_piece_sample(), stream_end_sample(), invoke_sample(),
          request_sample(),     forked_sample(),       exited_sample()};
}

}  // namespace

TEST_SUITE("frames") {
  TEST_CASE("every message has the bytes documented in PROTOCOL.md") {
    for (const auto& sample : samples()) {
      CAPTURE(sample.name);
      CHECK(to_hex(sample.frame.head + std::string(sample.frame.tail)) == sample.hex);
    }
    CHECK(to_hex(encode_fork().head) == "0000000020000000");
    CHECK(encode(FrameType::kBootFailed, Failed{}).head[kFrameTypeOffset] == 2);
  }

  TEST_CASE("every message is decoded as it was sent") {
    for (const auto& sample : samples()) {
      CAPTURE(sample.name);
      const auto again = sample.recode_payload(sample.payload());
      REQUIRE(again.ok());
      CHECK(to_hex(again.value()) == to_hex(sample.payload()));
    }
  }

  TEST_CASE("a payload cut inside its fields is refused with an error that says so") {
    for (const auto& sample : samples()) {
      for (std::size_t size = 0; size < sample.fixed_bytes(); ++size) {
        CAPTURE(sample.name);
        CAPTURE(size);
        const GuardedBytes cut(std::string_view(sample.payload()).substr(0, size));
        const auto again = sample.recode_payload(cut.view());
        REQUIRE_FALSE(again.ok());
        CHECK(again.error().kind == base::ErrorKind::kInvalid);
        CHECK(again.error().text.find("wire: decode '") == 0);
        CHECK(again.error().text.find(" bytes, ") != std::string::npos);
      }
    }
  }

  TEST_CASE("a flipped bit gives an error or another message, never a read out of bounds") {
    for (const auto& sample : samples()) {
      CAPTURE(sample.name);
      for_each_bit_flip(sample.payload(), [&](const std::string& flipped) {
        const GuardedBytes payload(flipped);
        const auto again = sample.recode_payload(payload.view());
        if (again.ok()) CHECK(to_hex(again.value()) == to_hex(flipped));
      });
    }
  }

  TEST_CASE("bytes after a message without a tail are refused") {
    for (const auto& sample : {ready_sample(), failure_sample(), stream_end_sample(),
                               forked_sample(), exited_sample()}) {
      CAPTURE(sample.name);
      const auto again = sample.recode_payload(sample.payload() + "x");
      REQUIRE_FALSE(again.ok());
      CHECK(again.error().text.find("expected the end, 1 bytes follow") != std::string::npos);
    }
  }

  TEST_CASE("a count or length that the payload cannot hold costs no memory") {
    const std::string status_and_count = from_hex(std::string(kUsageHex) + "c800 ffffffff");
    CHECK(decode_response(status_and_count).error().text ==
          "wire: decode 'response': field 'headers' needs 34359738360 bytes, 0 are left");
    const std::string count = from_hex("c800 ffffffff");
    CHECK(decode_stream_head(count).error().text ==
          "wire: decode 'stream head': field 'headers' needs 34359738360 bytes, 0 are left");
    const std::string text_length = from_hex(std::string(kUsageHex) + "ffffffff 41");
    CHECK(decode_failed(text_length).error().text ==
          "wire: decode 'failed': field 'type' needs 4294967295 bytes, 1 are left");
  }

  TEST_CASE("a worker that serves something unknown is refused") {
    const auto ready = decode_ready(from_hex("04 00000000 0000000000000000"));
    REQUIRE_FALSE(ready.ok());
    CHECK(ready.error().text ==
          "wire: decode 'ready': expected to serve events (1), http (2) or scripts (3), not 4");
  }

  TEST_CASE("big fields are borrowed from the sender and from the payload") {
    const std::string body(100'000, 'b');
    const EncodedFrame frame = encode(Response{kUsage, 200, {}, body});
    CHECK(frame.tail.data() == body.data());
    const GuardedBytes payload(frame.head.substr(kFrameHeaderBytes) + body);
    const auto decoded = decode_response(payload.view());
    REQUIRE(decoded.ok());
    CHECK(payload.holds(decoded->body));
    CHECK(decoded->body == body);
  }

  TEST_CASE("bytes of a stream are borrowed, and a piece may be empty or hold any byte") {
    const std::string bytes(100'000, 'b');
    CHECK(encode(StreamHead{200, {}, bytes}).tail.data() == bytes.data());
    CHECK(encode(StreamPiece{bytes}).tail.data() == bytes.data());
    const GuardedBytes payload(std::string_view("\0\xff\n", 3));
    const auto piece = decode_stream_piece(payload.view());
    REQUIRE(piece.ok());
    CHECK(payload.holds(piece->bytes));
    CHECK(piece->bytes == payload.view());
    CHECK(decode_stream_piece("").value().bytes.empty());
  }

  TEST_CASE("the head of a stream that is not HTTP has status 0") {
    const std::string payload = from_hex("0000 00000000 78");
    const auto head = decode_stream_head(payload);
    REQUIRE(head.ok());
    CHECK(head->status == 0);
    CHECK(head->headers.empty());
    CHECK(head->bytes == "x");
  }

  TEST_CASE("texts can hold any byte, and deadlines can lie before 1970") {
    event::Invocation invocation;
    invocation.trace_id = std::string("\0\xff\n", 3);
    invocation.deadline = event::WallTime(std::chrono::milliseconds(-1));
    const EncodedFrame frame = encode(invocation);
    const auto decoded = decode_invoke(std::string_view(frame.head).substr(kFrameHeaderBytes));
    REQUIRE(decoded.ok());
    CHECK(decoded->trace_id == invocation.trace_id);
    CHECK(decoded->deadline == invocation.deadline);
    CHECK(decoded->event.empty());
  }

  TEST_CASE("every field of an invocation is decoded into its own member") {
    const Sample sample = invoke_sample();
    const auto decoded = decode_invoke(sample.payload());
    REQUIRE(decoded.ok());
    const event::Invocation expected = sample_invocation();
    CHECK(decoded->request_id == expected.request_id);
    CHECK(decoded->invocation_id == expected.invocation_id);
    CHECK(decoded->deadline == expected.deadline);
    CHECK(decoded->function_arn == expected.function_arn);
    CHECK(decoded->trace_id == expected.trace_id);
    CHECK(decoded->client_context == expected.client_context);
    CHECK(decoded->cognito_identity == expected.cognito_identity);
    CHECK(decoded->tenant_id == expected.tenant_id);
    CHECK(decoded->event == R"({"a":1})");
  }
}

}  // namespace phork::wire
