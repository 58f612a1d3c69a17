// SPDX-License-Identifier: MIT
#include "runtime/logging/log_content.h"

#include <string>

#include <doctest/doctest.h>

namespace phork::logging {
namespace {

using base::LogLevel;

void check_level(LogLevel level, std::initializer_list<const char*> lines) {
  for (const char* line : lines) {
    CAPTURE(line);
    CHECK(level_word(level_of_line(line)) == level_word(level));
  }
}

}  // namespace

TEST_SUITE("log level") {
  TEST_CASE("the level of PHP's error words") {
    check_level(LogLevel::kFatal,
                {"PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted in /a.php:1",
                 "PHP Parse error:  syntax error, unexpected end of file", "Fatal error: out"});
    check_level(LogLevel::kError,
                {"PHP Fatal error:  Uncaught DomainException: x in /a.php:1\rStack trace:\r#0",
                 "Fatal error: Uncaught Exception: x", "PHP Recoverable fatal error:  x",
                 "Uncaught TypeError: x"});
    check_level(LogLevel::kWarn, {"PHP Warning:  Undefined variable $x", "Warning: x"});
    check_level(LogLevel::kInfo, {"PHP Notice:  x", "PHP Deprecated:  x", "Deprecated: x",
                                  "PHP Strict Standards:  x"});
  }

  TEST_CASE("the level in lines of Monolog and Symfony, with or without a date") {
    check_level(LogLevel::kDebug, {"[2025-01-31T12:00:00.000000+00:00] app.DEBUG: x [] []",
                                   "[debug] x", "2025-01-31T12:00:00+00:00 [debug] x"});
    check_level(LogLevel::kInfo, {"[2025-01-31 12:00:00] app.NOTICE: x", "request.INFO: x"});
    check_level(LogLevel::kWarn, {"[warning] x", "[2025-01-31] php.WARNING: x", "WARNING: x"});
    check_level(LogLevel::kError, {"[Error] x", "my-shop.http_client.ERROR: x"});
    check_level(LogLevel::kFatal, {"[critical] x", "app.CRITICAL: x", "app.ALERT: x",
                                   "2025-01-31T12:00:00Z [emergency] x"});
  }

  TEST_CASE("the level behind the date of PHP's error_log file") {
    check_level(LogLevel::kWarn, {"[31-Jan-2025 12:00:00 UTC] PHP Warning:  x",
                                  "[31-Jan-2025 12:00:00 Europe/Berlin] PHP Warning:  x"});
  }

  TEST_CASE("the level in lines of a worker without a log") {
    check_level(LogLevel::kError, {"phork error: php-worker: seal: x"});
    check_level(LogLevel::kWarn, {"phork warn: x"});
    check_level(LogLevel::kInfo, {"phork", "phork ", "phork error", "phork seal: error: x"});
  }

  TEST_CASE("any other line is info") {
    check_level(LogLevel::kInfo, {"",
                                  " ",
                                  "[",
                                  "[]",
                                  "[x",
                                  "2",
                                  "2025",
                                  "[2025",
                                  "[2025]",
                                  "hello",
                                  "Error: x",
                                  "an error: x",
                                  "error: x",
                                  "app.error: x",
                                  "app.ERROR",
                                  "app.TEAPOT: x",
                                  ".: x",
                                  ": x",
                                  "PHP",
                                  "PHP Fatal error",
                                  "xPHP Warning:  x",
                                  "ERRORS: x",
                                  "12 ERROR"});
  }

  TEST_CASE("the names of a level are read in any case") {
    CHECK(level_named("EMERGENCY") == LogLevel::kFatal);
    CHECK(level_named("Notice") == LogLevel::kInfo);
    CHECK(level_named("trace") == LogLevel::kTrace);
    CHECK_FALSE(level_named("").has_value());
    CHECK_FALSE(level_named("errors").has_value());
    CHECK_FALSE(level_named("erro").has_value());
    for (int level = 0; level <= static_cast<int>(LogLevel::kFatal); ++level) {
      const auto each = static_cast<LogLevel>(level);
      CHECK(level_named(level_word(each)) == each);
    }
  }
}

}  // namespace phork::logging
