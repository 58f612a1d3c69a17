// SPDX-License-Identifier: MIT
//
// Fields as bytes: what was written is read back, and no cut or foreign bytes are read past.
#include "runtime/slot/field_codec.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

using namespace phork::slot;

std::string message() {
  FieldWriter writer;
  writer.number(std::uint16_t{258}).text("abc").texts({"", "de"}).number(std::uint64_t{1} << 40U);
  return std::move(writer).take();
}

struct Fields {
  std::uint16_t small;
  std::string text;
  std::vector<std::string> texts;
  std::uint64_t big;
  bool ok;
};

Fields read(std::string_view bytes) {
  FieldReader reader("test", bytes);
  Fields fields{};
  fields.small = reader.number<std::uint16_t>("small");
  fields.text = reader.text("text");
  fields.texts = reader.texts("texts");
  fields.big = reader.number<std::uint64_t>("big");
  fields.ok = reader.finish().ok();
  return fields;
}

}  // namespace

TEST_SUITE("field codec") {
  TEST_CASE("fields are read as they were written") {
    const Fields fields = read(message());
    CHECK(fields.ok);
    CHECK(fields.small == 258);
    CHECK(fields.text == "abc");
    CHECK(fields.texts == std::vector<std::string>{"", "de"});
    CHECK(fields.big == std::uint64_t{1} << 40U);
  }

  TEST_CASE("a message that is cut anywhere, or goes on, is refused") {
    const std::string whole = message();
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
      CAPTURE(bytes);
      CHECK_FALSE(read(std::string_view(whole).substr(0, bytes)).ok);
    }
    CHECK_FALSE(read(whole + "x").ok);
  }

  TEST_CASE("a length beyond the bytes is refused, and read as empty") {
    std::string bytes = message();
    bytes.replace(2, 4, "\xff\xff\xff\xff");
    const Fields fields = read(bytes);
    CHECK_FALSE(fields.ok);
    CHECK(fields.text.empty());
  }
}
