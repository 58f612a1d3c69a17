// SPDX-License-Identifier: MIT
#include "strategies/fpm/fastcgi.h"

#include <doctest/doctest.h>

#include "tests/support/bytes.h"

namespace phork::strategies::fastcgi {
namespace {

using testing::for_each_bit_flip;
using testing::from_hex;
using testing::GuardedBytes;
using testing::random_bytes;
using testing::random_chunks;
using testing::to_hex;
using Kind = ResponseDecoder::Piece::Kind;

constexpr std::string_view kBegin = "01010001000800000001010000000000";
constexpr std::string_view kParamsEnd = "0104000100000000";
constexpr std::string_view kStdinEnd = "0105000100000000";

std::string joined(const EncodedRequest& request) {
  std::string bytes;
  for (const std::string_view piece : request.pieces()) bytes += piece;
  return bytes;
}

// A record, parsed by the specification and not by the code under test.
struct Record {
  unsigned type;
  std::string content;
  std::size_t padding;
};

std::vector<Record> parse_records(std::string_view bytes) {
  const auto number = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  std::vector<Record> records;
  while (!bytes.empty()) {
    REQUIRE(bytes.size() >= 8);
    CHECK(to_hex(bytes.substr(0, 1)) == "01");
    CHECK(to_hex(bytes.substr(2, 2)) == "0001");
    const std::size_t length = number(4) * 256U + number(5);
    const std::size_t padding = number(6);
    REQUIRE(bytes.size() >= 8 + length + padding);
    records.push_back({number(1), std::string(bytes.substr(8, length)), padding});
    bytes.remove_prefix(8 + length + padding);
  }
  return records;
}

std::string make_record(unsigned type, std::string_view content, std::size_t padding = 0) {
  std::string record{'\1', static_cast<char>(type), '\0', '\1'};
  record += static_cast<char>((content.size() >> 8U) & 0xFFU);
  record += static_cast<char>(content.size() & 0xFFU);
  record += static_cast<char>(padding);
  record += '\0';
  return record.append(content).append(padding, 'p');
}

std::string end_record(unsigned app_status, unsigned protocol_status) {
  std::string content(8, '\0');
  content[3] = static_cast<char>(app_status);
  content[4] = static_cast<char>(protocol_status);
  return make_record(3, content);
}

struct Received {
  std::string standard_output;
  std::string standard_error;
  bool ended = false;
  RequestEnd end;
  std::string error;
};

// Feeds `bytes` in the chunks given; stops at an error.
Received decode(const std::vector<std::string_view>& chunks) {
  ResponseDecoder decoder;
  Received received;
  for (const std::string_view chunk : chunks) {
    const GuardedBytes guarded(chunk);
    std::string_view input = guarded.view();
    while (true) {
      const auto piece = decoder.next(input);
      if (!piece) {
        received.error = piece.error().text;
        return received;
      }
      CHECK(guarded.holds(piece->bytes));
      if (piece->kind == Kind::kNeedMore) break;
      if (piece->kind == Kind::kStdout) received.standard_output += piece->bytes;
      if (piece->kind == Kind::kStderr) received.standard_error += piece->bytes;
      if (piece->kind == Kind::kEnd) {
        received.ended = true;
        received.end = piece->end;
      }
    }
    CHECK(input.empty());
  }
  return received;
}

Received decode(std::string_view bytes) {
  return decode(std::vector<std::string_view>{bytes});
}

std::string sample_response() {
  return make_record(6, "Status: 200 OK\r\n\r\nhi", 4) + make_record(7, "a warning", 7) +
         make_record(6, "more") + make_record(6, "") + end_record(3, 0);
}

}  // namespace

TEST_SUITE("fastcgi encoder") {
  TEST_CASE("a request without body has the bytes of the specification") {
    const auto request = encode_request({{"A", "bc"}}, "");
    REQUIRE(request.ok());
    CHECK(to_hex(joined(request.value())) ==
          to_hex(from_hex(std::string(kBegin) + "0104000100050300" + "0102416263" + "000000" +
                          std::string(kParamsEnd) + std::string(kStdinEnd))));
    CHECK(request->pieces().size() == 1);
  }

  TEST_CASE("a body is borrowed, and its record padded to eight bytes") {
    const std::string body = "hello";
    const auto request = encode_request({}, body);
    REQUIRE(request.ok());
    CHECK(to_hex(joined(request.value())) ==
          to_hex(from_hex(std::string(kBegin) + std::string(kParamsEnd) + "0105000100050300" +
                          "68656c6c6f" + "000000" + std::string(kStdinEnd))));
    REQUIRE(request->pieces().size() == 3);
    CHECK(request->pieces()[1].data() == body.data());
  }

  TEST_CASE("a length of 128 or more takes four bytes") {
    const std::string name(127, 'n');
    const std::string value(128, 'v');
    const auto request = encode_request({{name, value}, {value, name}}, "");
    REQUIRE(request.ok());
    const auto records = parse_records(joined(request.value()));
    CHECK(records[1].content ==
          from_hex("7f 80000080") + name + value + from_hex("80000080 7f") + value + name);
  }

  TEST_CASE("no variable is split across two records") {
    const std::string value(30'000, 'x');
    const std::vector<event::NameValue> variables{
        {"V0", value}, {"V1", value}, {"V2", value}, {"V3", value}, {"V4", value}};
    const auto request = encode_request(variables, "");
    REQUIRE(request.ok());
    const auto records = parse_records(joined(request.value()));
    REQUIRE(records.size() == 6);
    const std::size_t pair = 1 + 4 + 2 + 30'000;
    CHECK(records[1].content.size() == 2 * pair);
    CHECK(records[2].content.size() == 2 * pair);
    CHECK(records[3].content.size() == pair);
    CHECK(records[3].content.substr(5, 2) == "V4");
    CHECK(records[4].content.empty());
  }

  TEST_CASE(
      "variables that fill a record together are in one; with one byte more, they are in two") {
    const std::size_t framing = (1 + 4 + 1) + (1 + 1 + 1 + 1);
    const auto first_record = [&](std::size_t more) {
      const std::string value(kMaxContentBytes - framing + more, 'x');
      const auto request = encode_request({{"V", value}, {"W", "y"}}, "");
      REQUIRE(request.ok());
      return parse_records(joined(request.value())).at(1).content.size();
    };
    CHECK(first_record(0) == kMaxContentBytes);
    CHECK(first_record(1) == kMaxContentBytes - 3);
  }

  TEST_CASE("a variable may fill a record; with one byte more, an error names it") {
    const std::size_t framing = 1 + 4 + 1;
    std::string value(kMaxContentBytes - framing, 'x');
    const auto request = encode_request({{"V", value}, {"W", "y"}}, "");
    REQUIRE(request.ok());
    const auto records = parse_records(joined(request.value()));
    CHECK(records[1].content.size() == kMaxContentBytes);
    CHECK(records[1].padding == 0);
    CHECK(to_hex(records[2].content) == "01015779");
    value += 'x';
    const auto refused = encode_request({{"V", value}}, "");
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().text ==
          "strategies: encode variable 'V': expected at most 65528 bytes with its name, got 65529");
  }

  TEST_CASE("a long body is split into records without a copy, also after a move") {
    for (const std::size_t size :
         {kMaxContentBytes - 1, kMaxContentBytes, kMaxContentBytes + 1, std::size_t{6'000'000}}) {
      CAPTURE(size);
      std::mt19937 random(1);
      const std::string body = random_bytes(size, random);
      auto encoded = encode_request({{"A", "b"}}, body);
      REQUIRE(encoded.ok());
      const EncodedRequest request = std::move(encoded).value();
      std::string received;
      for (const auto& record : parse_records(joined(request))) {
        CHECK((record.content.size() + record.padding) % 8 == 0);
        if (record.type == 5) received += record.content;
      }
      CHECK(received == body);
      for (std::size_t i = 0; i < request.pieces().size(); ++i) {
        const std::string_view piece = request.pieces()[i];
        CHECK_FALSE(piece.empty());
        const bool in_body = piece.data() >= body.data() && piece.data() < body.data() + size;
        CHECK(in_body == (i % 2 == 1));
      }
    }
  }
}

TEST_SUITE("fastcgi decoder") {
  TEST_CASE("output, errors and the end of a request are distinguished") {
    const Received received = decode(sample_response());
    CHECK(received.error.empty());
    CHECK(received.standard_output == "Status: 200 OK\r\n\r\nhimore");
    CHECK(received.standard_error == "a warning");
    REQUIRE(received.ended);
    CHECK(received.end.app_status == 3);
    CHECK(received.end.protocol_status == ProtocolStatus::kRequestComplete);
  }

  TEST_CASE("the end carries 32 bits of exit code and the protocol status") {
    const Received received = decode(from_hex("0103000100080000 fffffffe 02 000000"));
    REQUIRE(received.ended);
    CHECK(received.end.app_status == 0xfffffffe);
    CHECK(received.end.protocol_status == ProtocolStatus::kOverloaded);
  }

  TEST_CASE("the end is reported after its padding, so that the next request starts clean") {
    const std::string bytes = make_record(3, std::string(8, '\0'), 2);
    CHECK_FALSE(decode(std::string_view(bytes).substr(0, bytes.size() - 1)).ended);
    CHECK(decode(bytes).ended);
  }

  TEST_CASE("management records are skipped") {
    const std::string values = from_hex("010a0000000d0300 0b00 46434749 5f4d41585f4352 000000");
    const std::string unknown = from_hex("010b000000080000 6300000000000000");
    const Received received = decode(values + unknown + sample_response());
    CHECK(received.error.empty());
    CHECK(received.ended);
  }

  TEST_CASE("a truncated response is incomplete, never an end") {
    const std::string bytes = sample_response();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      CAPTURE(size);
      const Received received = decode(std::string_view(bytes).substr(0, size));
      CHECK(received.error.empty());
      CHECK_FALSE(received.ended);
    }
  }

  TEST_CASE("a record that php-fpm may not send is refused, with its value") {
    const auto error_of = [](std::string_view hex) {
      return decode(from_hex(std::string(hex))).error;
    };
    const std::string prefix = "strategies: read fastcgi record: ";
    CHECK(error_of("0206000100000000") == prefix + "expected version 1, got 2");
    CHECK(error_of("0106000200000000") == prefix + "expected request id 1, got 2");
    CHECK(error_of("0106010100000000") == prefix + "expected request id 1, got 257");
    CHECK(error_of("010a000100000000") == prefix + "expected request id 0, got 1");
    CHECK(error_of("0105000100000000") == prefix + "expected a type that php-fpm may send, got 5");
    CHECK(error_of("01ff000100000000") ==
          prefix + "expected a type that php-fpm may send, got 255");
    CHECK(error_of("0103000100070000") ==
          prefix + "expected 8 bytes in the end of the request, got 7");
    CHECK(error_of("0103000100080000 00000000 04 000000") ==
          prefix + "expected a protocol status of 0 to 3, got 4");
  }

  TEST_CASE("bytes after the end are refused") {
    const Received received = decode(sample_response() + "x");
    CHECK(received.ended);
    CHECK(received.error ==
          "strategies: read fastcgi record: expected nothing after the end of the request, got "
          "more bytes");
  }

  TEST_CASE("a flipped bit never reads out of bounds and never invents output") {
    const std::string bytes = sample_response();
    for_each_bit_flip(bytes, [&](const std::string& flipped) {
      const Received received = decode(flipped);
      CHECK(received.standard_output.size() + received.standard_error.size() < bytes.size());
    });
  }

  TEST_CASE("the response does not depend on how the stream is cut") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 50; ++round) {
      std::string stream;
      std::string output;
      std::string errors;
      for (int i = 0; i < 20; ++i) {
        const std::string content = random_bytes(random() % 3000, random);
        const bool is_output = random() % 4 != 0;
        (is_output ? output : errors) += content;
        stream += make_record(is_output ? 6 : 7, content, random() % 256);
      }
      stream += end_record(7, 0);
      const Received received = decode(random_chunks(stream, 1 + random() % 2000, random));
      CHECK(received.error.empty());
      CHECK(received.standard_output == output);
      CHECK(received.standard_error == errors);
      CHECK(received.end.app_status == 7);
      CHECK(received.ended);
    }
  }
}

}  // namespace phork::strategies::fastcgi
