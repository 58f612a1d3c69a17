// SPDX-License-Identifier: MIT
#include "strategies/fpm/log.h"

#include <chrono>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/unit/strategies/kept_lines.h"

namespace {

using namespace phork;
using strategies::FpmLog;

constexpr std::chrono::seconds kTimeout{10};

base::Deadline soon() {
  return std::chrono::steady_clock::now() + kTimeout;
}

// The master's side of the log: writes what php-fpm would.
class Master {
 public:
  explicit Master(const FpmLog& log) : log_(log) {}

  void write(const std::string& line) const {
    const std::string whole = "[20-Nov-2026 06:51:27] WARNING: [pool phork] child " + line + "\n";
    REQUIRE(::write(log_.writing_end().get(), whole.data(), whole.size()) == std::ssize(whole));
  }

  void said(int worker, const std::string& text) const {
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

TEST_SUITE("fpm log") {
  TEST_CASE("lines carry the event that their worker serves") {
    const strategies::testing::KeptLines kept;
    auto log = open_log();
    const Master master(*log);
    log->watch(10);
    log->watch(11);
    log->begin_event(10, event_with_id("first"));
    log->begin_event(11, event_with_id("second"));
    master.said(11, "b");
    master.said(10, "a");
    master.said(12, "nobody's");
    log.reset();  // reads what is there
    const auto lines = kept.lines();
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] == "err second: b");
    CHECK(lines[1] == "err first: a");
    CHECK(lines[2] == "err : nobody's");
  }

  TEST_CASE("the end of a worker is kept until it is asked for") {
    auto log = open_log();
    const Master master(*log);
    log->watch(10);
    master.write("10 exited on signal 9 (SIGKILL) after 1.0 seconds from start");
    const auto status = log->wait_end(10, soon());
    REQUIRE(status.has_value());
    CHECK(status->describe() == "signal 9 (Killed)");
    CHECK_FALSE(log->wait_end(11, std::chrono::steady_clock::now()).has_value());
  }

  TEST_CASE("a mark comes back behind what the worker wrote, and is never seen") {
    const strategies::testing::KeptLines kept;
    auto log = open_log();
    const Master master(*log);
    log->watch(10);
    log->begin_event(10, event_with_id("id"));
    auto worker_error = base::open_pipe();
    REQUIRE(worker_error.ok());
    // As the master does: one line from the worker, whose last one had no end.
    std::thread forwarder([&] {
      std::string mark(64, '\0');
      REQUIRE(base::wait_readable(worker_error->first.get(), soon()));
      const auto got = ::read(worker_error->first.get(), mark.data(), mark.size());
      REQUIRE(got > 1);
      mark.resize(static_cast<std::size_t>(got) - 1);  // its newline
      master.said(10, "a line");
      master.said(10, "no end" + mark);
    });
    CHECK(log->flush(10, worker_error->second, soon()));
    forwarder.join();
    const auto lines = kept.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == "err id: a line");
    CHECK(lines[1] == "err id: no end");
  }

  TEST_CASE("a mark that does not come back is waited for until the deadline only") {
    auto log = open_log();
    log->watch(10);
    auto worker_error = base::open_pipe();
    REQUIRE(worker_error.ok());
    CHECK_FALSE(log->flush(10, worker_error->second, std::chrono::steady_clock::now()));
  }

  TEST_CASE("the last complaint of php-fpm about itself is kept") {
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
