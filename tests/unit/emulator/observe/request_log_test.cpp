// SPDX-License-Identifier: MIT
#include "emulator/observe/request_log.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/unit/emulator/lambda_fixture.h"

using namespace phork::emulator;
using namespace std::chrono_literals;

namespace {

// A request log, and the lines that it has written.
class Written {
 public:
  explicit Written(bool json = false)
      : log_(sink_, json ? json_format() : text_format("/var/task", false), 3s) {}

  RequestLog& log() { return log_; }

  // Each "N.N ms" or "N ms" becomes "? ms".
  std::vector<std::string> lines() {
    sink_.flush();
    std::vector<std::string> all = file_.lines();
    for (std::string& line : all) {
      const std::size_t end = line.find(" ms");
      if (end == std::string::npos) continue;
      const std::size_t begin = line.rfind(' ', end - 1) + 1;
      line.replace(begin, end - begin, "?");
    }
    return all;
  }

 private:
  test::LogFile file_;
  LogSink sink_{file_.fd()};
  RequestLog log_;
};

EventRecord record_of(const std::string& id, const std::string& error_type = {}) {
  return {.request_id = id,
          .ending = error_type.empty() ? Ending::kAnswered : Ending::kFailed,
          .error_type = error_type,
          .queued = 1ms,
          .latency = 2ms,
          .billed = 12'300us};
}

std::string said(const std::string& id, const std::string& level, const std::string& text) {
  return "2026-01-31T12:00:00.123Z\t" + id + '\t' + level + '\t' + text;
}

RequestView view_of(int status) {
  return {.request_id = "id", .method = "GET", .path = "/a", .status = status, .took = 12'345us};
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_SUITE("request log") {
  TEST_CASE("a request is one line, once the client and the environment are done with it") {
    for (const bool reply_first : {true, false}) {
      Written written;
      RequestLog& log = written.log();
      log.requested("one", "GET", "/hello/Ada");
      log.platform("START RequestId: one");
      log.started("one");
      if (reply_first) log.replied("one", 200);
      if (!reply_first) log.finished(record_of("one"), std::nullopt);
      CHECK(written.lines().empty());
      if (reply_first) log.finished(record_of("one"), std::nullopt);
      if (!reply_first) log.replied("one", 200);
      CHECK(written.lines() == Lines{"GET /hello/Ada 200 ? ms (13 billed)"});
    }
  }

  TEST_CASE("its records stand below it, with the place as file:line") {
    Written written;
    RequestLog& log = written.log();
    log.requested("one", "GET", "/");
    log.requested("two", "POST", "/b");
    log.started("one");
    log.output("one", said("one", "WARN", "PHP Warning:  x in /var/task/src/a.php on line 3"));
    log.output("one", said("two", "INFO", "of another"));
    log.output("one", said("one", "ERROR", "first\nsecond"));
    log.output("one", "raw");
    log.output("", said("-", "INFO", "fork ready in 112 ms"));
    log.replied("one", 200);
    log.finished(record_of("one"), 118'400us);
    CHECK(written.lines() == Lines{"fork ready in ? ms", "GET / 200 ? ms (131 billed, 118 init)",
                                   "  PHP Warning:  x at src/a.php:3", "  error: first",
                                   "    second", "  raw"});
  }

  TEST_CASE("failures are named, a timeout with Lambda's words") {
    Written written;
    RequestLog& log = written.log();
    log.requested("one", "GET", "/slow");
    log.started("one");
    log.finished(record_of("one", std::string(kTimedOutType)), std::nullopt);
    log.replied("one", 500);
    EventRecord crashed = record_of("two", "Runtime.ExitError");
    crashed.failure = "Runtime exited with error: exit status 3";
    log.requested("two", "GET", "/crash");
    log.started("two");
    log.finished(crashed, std::nullopt);
    log.replied("two", 500);
    CHECK(written.lines() == Lines{"GET /slow 500 ? ms (13 billed) Sandbox.Timedout",
                                   "  error: Task timed out after 3.00 seconds",
                                   "GET /crash 500 ? ms (13 billed) Runtime.ExitError",
                                   "  error: Runtime exited with error: exit status 3"});
  }

  TEST_CASE("an event without a request has its own line") {
    Written written;
    RequestLog& log = written.log();
    log.started("one");
    log.finished(record_of("one"), std::nullopt);
    log.started("two");
    log.finished(record_of("two", "E"), std::nullopt);
    CHECK(written.lines() ==
          Lines{"event one ok ? ms (13 billed)", "event two error ? ms (13 billed) E"});
  }

  TEST_CASE("requests without an event say who has answered") {
    Written written;
    written.log().answered({"GET", "/site.css", 304, 300us, "asset"});
    CHECK(written.lines() == Lines{"GET /site.css 304 ? ms (asset)"});
  }

  TEST_CASE("a late record stands alone, and an endless log is shown before the end") {
    Written written;
    RequestLog& log = written.log();
    log.output("gone", said("gone", "WARN", "late"));
    log.requested("one", "GET", "/");
    log.started("one");
    const std::string half(RequestLog::kMostHeldBytes / 2 + 1, 'x');
    for (int n = 0; n < 3; ++n) log.output("one", half);
    CHECK(written.lines() == Lines{"warning: late", "GET / under way", "  " + half, "  " + half});
    log.close();
    CHECK(written.lines().size() == 6);
    CHECK(written.lines().back() == "  " + half);
  }

  TEST_CASE("nothing that a client or a function sends reaches the terminal as a control") {
    RequestView view = view_of(200);
    view.path = "/\x1b[2J\x9b";
    view.records.push_back({"id", "INFO",
                            "a\x1b]0;title\x07\xc2\x9b"
                            "b\r\tc Gr\xc3\xbc\xc3\x9f"
                            "e"});
    const std::string text = text_format("/var/task", true)->request(view);
    CHECK(text.find("/\\x1b[2J\\x9b") != std::string::npos);
    CHECK(text.find("  a\\x1b]0;title\\x07\\xc2\\x9bb\\x0d\tc Gr\xc3\xbc\xc3\x9f"
                    "e") != std::string::npos);
  }

  TEST_CASE("colours tell success from failure, and are left out on request") {
    const auto coloured = text_format("/var/task", true);
    CHECK(coloured->request(view_of(200)) == "GET /a \033[32m200\033[0m 12 ms");
    CHECK(coloured->request(view_of(302)) == "GET /a \033[36m302\033[0m 12 ms");
    CHECK(coloured->request(view_of(404)) == "GET /a \033[33m404\033[0m 12 ms");
    CHECK(coloured->request(view_of(503)) == "GET /a \033[31m503\033[0m 12 ms");
    CHECK(coloured->record({"", "WARN", "careful"}) == "\033[33mwarning: careful\033[0m");
    CHECK(text_format("/var/task", false)->request(view_of(503)) == "GET /a 503 12 ms");
  }

  TEST_CASE("a file outside of the application, or beside it, keeps its path") {
    const auto text = text_format("/var/task", false);
    CHECK(text->record({"", "WARN", "PHP Warning:  x", "/var/task2/a.php", 3}) ==
          "PHP Warning:  x at /var/task2/a.php:3");
  }

  TEST_CASE("in JSON a request is one object on one line") {
    const auto without_time = [](const std::string& line) {
      return line.substr(line.find("\"type\""));
    };
    RequestView view = view_of(500);
    view.billed_ms = 13;
    view.init = 118us;
    view.error_type = "E";
    view.records.push_back({"id", "WARN", "a\nb", "/var/task/a.php", 3});
    CHECK(without_time(json_format()->request(view)) ==
          R"("type":"request","request_id":"id","method":"GET","path":"/a","status":500,)"
          R"("took_us":12345,"billed_ms":13,"init_us":118,"error_type":"E",)"
          R"("log":[{"level":"WARN","message":"a\nb","file":"/var/task/a.php","line":3}]})");
    CHECK(without_time(json_format()->record({"", "INFO", "x"})) ==
          R"("type":"log","level":"INFO","message":"x"})");
    CHECK(without_time(json_message("ready")) == R"("type":"message","message":"ready"})");
    Written written(true);
    written.log().answered({"GET", "/a", 200, 1ms, "asset"});
    REQUIRE(written.lines().size() == 1);
    CHECK(without_time(written.lines()[0]) ==
          R"("type":"request","method":"GET","path":"/a","status":200,"by":"asset",)"
          R"("took_us":1000,"log":[]})");
  }
}
