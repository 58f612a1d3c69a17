// SPDX-License-Identifier: MIT
#include "packaging/function/compiled_code.h"

#include <cstdint>
#include <cstring>
#include <string>

#include <doctest/doctest.h>

namespace {

using namespace phork;
using packaging::CodeFiles;
using packaging::reconcile;

// A compiled file with a checksum that differs from run to run, and this body.
std::string file(const std::string& body, char checksum) {
  std::string bytes = "OPCACHE";
  bytes.resize(80, '\0');
  bytes[72] = checksum;
  bytes[78] = checksum;
  return bytes + body;
}

std::uint32_t checksum_of(const std::string& bytes) {
  std::uint32_t sum = 0;
  std::memcpy(&sum, bytes.data() + 72, sizeof sum);
  return sum;
}

}  // namespace

TEST_SUITE("compiled code") {
  TEST_CASE("words that differ become zero, and the others stay") {
    const CodeFiles both =
        reconcile({{"a.bin", file("1111abcd2222", 1)}}, {{"a.bin", file("1111abXd2222", 2)}});
    const std::string& bytes = both.at("a.bin");
    CHECK(bytes.substr(80) == std::string("1111\0\0\0\0002222", 12));
    CHECK(bytes[78] == 0);
    // Adler-32 of the body, as PHP computes it.
    const CodeFiles same = reconcile({{"a", file("Wikipedia", 1)}}, {{"a", file("Wikipedia", 2)}});
    CHECK(checksum_of(same.at("a")) == 0x11e60398);
  }

  TEST_CASE("a file that is not there twice, or not as long, is left to PHP") {
    const CodeFiles both = reconcile({{"a", file("1234", 1)}, {"b", file("1234", 1)}},
                                     {{"b", file("12345678", 1)}, {"c", file("1", 1)}});
    CHECK(both.empty());
  }
}
