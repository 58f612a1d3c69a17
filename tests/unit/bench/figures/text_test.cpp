// SPDX-License-Identifier: MIT
#include "bench/figures/text.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace phork::bench;

TEST_SUITE("text") {
  TEST_CASE("a format is appended, however long it gets") {
    std::string text = "a";
    append_format(text, "%s %d", std::string(5000, 'b').c_str(), 7);
    CHECK(text == "a" + std::string(5000, 'b') + " 7");
  }

  TEST_CASE("short numbers have three significant digits") {
    CHECK(short_number(0) == "0");
    CHECK(short_number(0.0042) == "0.0042");
    CHECK(short_number(0.4081) == "0.408");
    CHECK(short_number(1.724) == "1.72");
    CHECK(short_number(9.996) == "10.0");
    CHECK(short_number(71.36) == "71.4");
    CHECK(short_number(110.2) == "110");
    CHECK(short_number(12345.6) == "12,346");
  }

  TEST_CASE("round numbers stay round") {
    CHECK(round_number(0.05) == "0.05");
    CHECK(round_number(20) == "20");
    CHECK(round_number(2000) == "2,000");
  }

  TEST_CASE("thousands are grouped") {
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(1234567) == "1,234,567");
    CHECK(grouped(-1234) == "-1,234");
    CHECK(grouped(-0.2) == "0");
  }

  TEST_CASE("durations change their unit") {
    CHECK(duration_text(408) == "0.408 ms");
    CHECK(duration_text(999'400) == "999 ms");
    CHECK(duration_text(2'050'000) == "2.05 s");
  }

  TEST_CASE("a file is replaced, and an error names the path") {
    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("phork-text-" + std::to_string(::getpid()));
    REQUIRE(write_file(path.string(), "a longer text").ok());
    REQUIRE(write_file(path.string(), "short").ok());
    std::ifstream file(path);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "short");
    std::filesystem::remove(path);
    const auto written = write_file("/nonexistent/file", "text");
    REQUIRE_FALSE(written.ok());
    CHECK(written.error().text == "bench: write '/nonexistent/file': cannot write there");
  }
}
