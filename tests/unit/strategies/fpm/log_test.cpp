// SPDX-License-Identifier: MIT
#include "strategies/fpm/log.h"

#include <chrono>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/unit/strategies/kept_lines.h"

namespace {

using namespace phork;
using base::LogLevel;
using strategies::FpmLine;
using strategies::FpmLog;
using strategies::parse_fpm_line;
using Source = base::LogRecord::Source;

constexpr std::chrono::seconds kTimeout{10};
const std::string kTime = "[20-Nov-2026 06:51:27] ";
const std::string kChild = kTime + "WARNING: [pool phork] child 6246 ";

base::Deadline soon() {
  return std::chrono::steady_clock::now() + kTimeout;
}

// The master's side of the log: writes lines as php-fpm does.
class Master {
 public:
  explicit Master(const FpmLog& log) : log_(log) {}

  void write(const std::string& line) const {
    const std::string whole = "[20-Nov-2026 06:51:27] WARNING: [pool phork] child " + line + "\n";
    REQUIRE(::write(log_.writing_end().get(), whole.data(), whole.size()) == std::ssize(whole));
  }

  void write_output(int worker, const std::string& text) const {
    write(std::to_string(worker) + " said into stderr: \"" + text + "\"");
  }

 private:
  const FpmLog& log_;
};

std::unique_ptr<FpmLog> open_log() {
  auto log = FpmLog::open();
  REQUIRE(log.ok());
  return std::move(log).value();
}

event::Invocation event_with_id(const std::string& id) {
  event::Invocation invocation;
  invocation.request_id = id;
  return invocation;
}

}  // namespace

TEST_SUITE("fpm log line") {
  TEST_CASE("a message logged by PHP is taken out of the line of the master") {
    const std::string line = kChild + R"(said into stderr: "NOTICE: PHP message: PHP Warning:  x")";
    const FpmLine read = parse_fpm_line(line);
    CHECK(read.kind == FpmLine::Kind::kOutput);
    CHECK(read.worker == 6246);
    CHECK(read.source == Source::kPhpError);
    CHECK(read.text == "PHP Warning:  x");
  }

  TEST_CASE("output and errors are distinguished, and quotes inside a line are kept") {
    const std::string line = kChild + R"(said into stdout: "he said "hi"")";
    const FpmLine read = parse_fpm_line(line);
    CHECK(read.source == Source::kPhpOutput);
    CHECK(read.text == R"(he said "hi")");
  }

  TEST_CASE("the note about a closed pipe is not part of a worker's last line") {
    const std::string line = kChild + R"(said into stderr: "last", pipe is closed)";
    CHECK(parse_fpm_line(line).text == "last");
    const std::string empty = kChild + R"(said into stderr: "")";
    CHECK(parse_fpm_line(empty).kind == FpmLine::Kind::kOutput);
    CHECK(parse_fpm_line(empty).text.empty());
  }

  TEST_CASE("the line about a worker's end has its signal or exit code") {
    const std::string killed =
        kChild + "exited on signal 11 (SIGSEGV - core dumped) after 0.457598 seconds from start";
    const FpmLine signalled = parse_fpm_line(killed);
    CHECK(signalled.kind == FpmLine::Kind::kExit);
    CHECK(signalled.worker == 6246);
    CHECK(signalled.status.kind == process::ExitStatus::Kind::kSignalled);
    CHECK(signalled.status.code == 11);

    const std::string ended = kChild + "exited with code 70 after 12.3 seconds from start";
    const FpmLine exited = parse_fpm_line(ended);
    CHECK(exited.kind == FpmLine::Kind::kExit);
    CHECK(exited.status.kind == process::ExitStatus::Kind::kExited);
    CHECK(exited.status.code == 70);
  }

  TEST_CASE("a worker cannot forge the end of another worker") {
    const std::string forged = kChild + "said into stderr: \"" + kTime +
                               "WARNING: [pool phork] child 1 exited on signal 9 (SIGKILL)\"";
    const FpmLine read = parse_fpm_line(forged);
    CHECK(read.kind == FpmLine::Kind::kOutput);
    CHECK(read.worker == 6246);
  }

  TEST_CASE("a line about the master itself has a level") {
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

  TEST_CASE("a line of any other form is kept as it is") {
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

TEST_SUITE("fpm log") {
  TEST_CASE("a line carries the event that its worker serves") {
    const strategies::testing::KeptLines kept;
    auto log = open_log();
    const Master master(*log);
    log->watch(10);
    log->watch(11);
    log->begin_event(10, event_with_id("first"));
    log->begin_event(11, event_with_id("second"));
    master.write_output(11, "b");
    master.write_output(10, "a");
    master.write_output(12, "nobody's");
    log.reset();  // reads all that is there
    const auto lines = kept.lines();
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] == "err second: b");
    CHECK(lines[1] == "err first: a");
    CHECK(lines[2] == "err : nobody's");
  }

  TEST_CASE("the exit status of a worker is kept until somebody asks for it") {
    auto log = open_log();
    const Master master(*log);
    log->watch(10);
    master.write("10 exited on signal 9 (SIGKILL) after 1.0 seconds from start");
    const auto status = log->wait_end(10, soon());
    REQUIRE(status.has_value());
    CHECK(status->describe() == "signal 9 (Killed)");
    CHECK_FALSE(log->wait_end(11, std::chrono::steady_clock::now()).has_value());
  }

  TEST_CASE("a mark arrives after the lines before it, and is not logged") {
    const strategies::testing::KeptLines kept;
    auto log = open_log();
    const Master master(*log);
    log->watch(10);
    log->begin_event(10, event_with_id("id"));
    auto worker_error = base::open_pipe();
    REQUIRE(worker_error.ok());
    // Forward the mark as the master does, behind a last line without newline.
    std::thread forwarder([&] {
      std::string mark(64, '\0');
      REQUIRE(base::wait_readable(worker_error->first.get(), soon()));
      const auto got = ::read(worker_error->first.get(), mark.data(), mark.size());
      REQUIRE(got > 1);
      mark.resize(static_cast<std::size_t>(got) - 1);  // its newline
      master.write_output(10, "a line");
      master.write_output(10, "no end" + mark);
    });
    CHECK(log->flush(10, worker_error->second, soon()));
    forwarder.join();
    const auto lines = kept.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == "err id: a line");
    CHECK(lines[1] == "err id: no end");
  }

  TEST_CASE("flush returns at the deadline when its mark does not arrive") {
    auto log = open_log();
    log->watch(10);
    auto worker_error = base::open_pipe();
    REQUIRE(worker_error.ok());
    CHECK_FALSE(log->flush(10, worker_error->second, std::chrono::steady_clock::now()));
  }

  TEST_CASE("the last complaint of the master is kept") {
    auto log = open_log();
    CHECK(log->last_complaint().empty());
    const std::string lines =
        "[20-Nov-2026 06:51:27] ERROR: unable to bind\n"
        "[20-Nov-2026 06:51:27] NOTICE: exiting\n";
    REQUIRE(::write(log->writing_end().get(), lines.data(), lines.size()) == std::ssize(lines));
    log->watch(1);
    const Master master(*log);
    master.write("1 exited with code 0 after 1.0 seconds from start");
    REQUIRE(log->wait_end(1, soon()).has_value());
    CHECK(log->last_complaint() == "unable to bind");
  }
}
