// SPDX-License-Identifier: MIT
#include "strategies/fpm/log_line.h"

#include <string>

#include <doctest/doctest.h>

namespace {

using namespace phork;
using base::LogLevel;
using strategies::FpmLine;
using strategies::parse_fpm_line;
using Source = base::LogRecord::Source;

const std::string kTime = "[20-Nov-2026 06:51:27] ";
const std::string kChild = kTime + "WARNING: [pool phork] child 6246 ";

}  // namespace

TEST_SUITE("fpm log line") {
  TEST_CASE("what PHP logs is the worker's line, without php-fpm's words around it") {
    const std::string line = kChild + R"(said into stderr: "NOTICE: PHP message: PHP Warning:  x")";
    const FpmLine read = parse_fpm_line(line);
    CHECK(read.kind == FpmLine::Kind::kSaid);
    CHECK(read.worker == 6246);
    CHECK(read.source == Source::kPhpError);
    CHECK(read.text == "PHP Warning:  x");
  }

  TEST_CASE("output is told from errors, and quotes of the worker's own are kept") {
    const std::string line = kChild + R"(said into stdout: "he said "hi"")";
    const FpmLine read = parse_fpm_line(line);
    CHECK(read.source == Source::kPhpOutput);
    CHECK(read.text == R"(he said "hi")");
  }

  TEST_CASE("the last line of a worker tells that its pipe was closed") {
    const std::string line = kChild + R"(said into stderr: "last", pipe is closed)";
    CHECK(parse_fpm_line(line).text == "last");
    const std::string empty = kChild + R"(said into stderr: "")";
    CHECK(parse_fpm_line(empty).kind == FpmLine::Kind::kSaid);
    CHECK(parse_fpm_line(empty).text.empty());
  }

  TEST_CASE("a worker's end has its signal or its exit code") {
    const std::string killed =
        kChild + "exited on signal 11 (SIGSEGV - core dumped) after 0.457598 seconds from start";
    const FpmLine signalled = parse_fpm_line(killed);
    CHECK(signalled.kind == FpmLine::Kind::kEnded);
    CHECK(signalled.worker == 6246);
    CHECK(signalled.status.kind == process::ExitStatus::Kind::kSignalled);
    CHECK(signalled.status.code == 11);

    const std::string ended = kChild + "exited with code 70 after 12.3 seconds from start";
    const FpmLine exited = parse_fpm_line(ended);
    CHECK(exited.kind == FpmLine::Kind::kEnded);
    CHECK(exited.status.kind == process::ExitStatus::Kind::kExited);
    CHECK(exited.status.code == 70);
  }

  TEST_CASE("a worker cannot say that another one ended") {
    const std::string forged = kChild + "said into stderr: \"" + kTime +
                               "WARNING: [pool phork] child 1 exited on signal 9 (SIGKILL)\"";
    const FpmLine read = parse_fpm_line(forged);
    CHECK(read.kind == FpmLine::Kind::kSaid);
    CHECK(read.worker == 6246);
  }

  TEST_CASE("what the master says of itself has its level") {
    const std::string notice = kTime + "NOTICE: ready to handle connections";
    CHECK(parse_fpm_line(notice).kind == FpmLine::Kind::kMaster);
    CHECK(parse_fpm_line(notice).level == LogLevel::kDebug);
    CHECK(parse_fpm_line(notice).text == "ready to handle connections");
    const std::string started = kTime + "NOTICE: [pool phork] child 6248 started";
    CHECK(parse_fpm_line(started).kind == FpmLine::Kind::kMaster);
    const std::string error = kTime + "ERROR: FPM initialization failed";
    CHECK(parse_fpm_line(error).level == LogLevel::kError);
    CHECK(parse_fpm_line(kTime + "WARNING: x").level == LogLevel::kWarn);
  }

  TEST_CASE("a line of another form is told as it is") {
    const std::string word = kChild + "said into stderr: \"text\"";
    for (std::size_t length = 0; length < kChild.size(); ++length) {
      CAPTURE(length);
      CHECK(parse_fpm_line(word.substr(0, length)).kind == FpmLine::Kind::kMaster);
    }
    CHECK(parse_fpm_line("malloc(): corrupted top size").text == "malloc(): corrupted top size");
    CHECK(parse_fpm_line("malloc(): corrupted top size").level == LogLevel::kWarn);
    CHECK(parse_fpm_line("[] ").text == "[] ");
    CHECK(parse_fpm_line(kChild + "exited on signal x").kind == FpmLine::Kind::kMaster);
  }
}
