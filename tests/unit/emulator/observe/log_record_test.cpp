// SPDX-License-Identifier: MIT
#include "emulator/observe/log_record.h"

#include <string>

#include <doctest/doctest.h>

using namespace phork::emulator;

namespace {

LogRecord read(const std::string& level, const std::string& text) {
  return read_log_line("2026-01-31T12:00:00.123Z\tid-1\t" + level + '\t' + text);
}

}  // namespace

TEST_SUITE("log record") {
  TEST_CASE("a record in text") {
    const LogRecord record = read("INFO", "one\ttwo\nthree");
    CHECK(record.request_id == "id-1");
    CHECK(record.level == "INFO");
    CHECK(record.text == "one\ttwo\nthree");
    CHECK(read_log_line("2026-01-31T12:00:00.123Z\t-\tINFO\tx").request_id.empty());
  }

  TEST_CASE("a record in JSON") {
    const LogRecord record = read_log_line(
        R"({"timestamp":"2026-01-31T12:00:00.123Z","level":"WARN","requestId":"id-1",)"
        R"("message":"a\nb"})");
    CHECK(record.request_id == "id-1");
    CHECK(record.level == "WARN");
    CHECK(record.text == "a\nb");
    const LogRecord failed = read_log_line(R"({"level":"ERROR","errorType":"E","errorMessage":"m",)"
                                           R"("stackTrace":["E: m","#0 {main}"]})");
    CHECK(failed.text == "E: m\nE: m\n#0 {main}");
  }

  TEST_CASE("any other line is the text of a record") {
    for (const char* line : {"", "plain", "a\tb\tc\td", "{\"level\":\"loud\",\"message\":\"x\"}",
                             "{broken", "[1]", "2026Z\tid\tLOUD\ttext", "2026Z\tid\tINFO"}) {
      CAPTURE(line);
      const LogRecord record = read_log_line(line);
      CHECK(record.text == line);
      CHECK(record.level.empty());
      CHECK(record.request_id.empty());
    }
  }

  TEST_CASE("the place of a message of PHP is taken out of its text") {
    const LogRecord warning =
        read("WARN", "PHP Warning:  Undefined variable $x in /var/task/in it.php on line 3");
    CHECK(warning.text == "PHP Warning:  Undefined variable $x");
    CHECK(warning.file == "/var/task/in it.php");
    CHECK(warning.line == 3);
    const LogRecord uncaught =
        read("ERROR",
             "PHP Fatal error:  Uncaught LogicException: a in b in /var/task/a.php:12\nStack "
             "trace:\n#0 {main}\n  thrown in /var/task/a.php on line 12");
    CHECK(uncaught.text ==
          "PHP Fatal error:  Uncaught LogicException: a in b\nStack trace:\n#0 {main}");
    CHECK(uncaught.file == "/var/task/a.php");
    CHECK(uncaught.line == 12);
  }

  TEST_CASE("text that only resembles a place stays") {
    for (const char* text : {"PHP Warning:  x in the end", "PHP Warning:  x in Unknown on line 0",
                             "PHP Warning:  x in /a.php on line many", "PHP Notice:  x",
                             "PHP Warning:  x in /a:", "hello in /a.php on line 3"}) {
      CAPTURE(text);
      const LogRecord record = read("WARN", text);
      CHECK(record.text == text);
      CHECK(record.file.empty());
      CHECK(record.line == 0);
    }
  }
}
