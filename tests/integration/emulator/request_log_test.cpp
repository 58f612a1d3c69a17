// SPDX-License-Identifier: MIT
//
// The log of `phork serve`: a line for each request, with real PHP behind it.
#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/json.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Json;
using testing::line_with;

constexpr const char* kScript = R"PHP(<?php
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path === '/warn') { echo $undefined; }
if ($path === '/throw') { throw new LogicException('on purpose'); }
if ($path === '/missing') { http_response_code(404); }
if ($path === '/broken') { http_response_code(503); }
if ($path === '/say') { error_log("one\ntwo"); }
if ($path === '/slow') { while (true) { usleep(1000); } }
echo 'done';
)PHP";

class Application : public testing::ScratchFolder {
 public:
  Application() {
    write("index.php", kScript);
    write("site.css", "css");
  }
};

std::vector<std::string> flags(const std::string& strategy, const std::string& log = "requests") {
  return {"--log", log, "--strategy", strategy, "--timeout", "2", "--concurrency", "1"};
}

// Returns when the log has the request's line, `mark` and its path.
void call(const testing::Served& served, const std::string& target,
          const std::string& mark = "\nGET ") {
  served.call({"GET", target, {}, {}});
  REQUIRE_MESSAGE(served.logs(mark + target.substr(0, target.find('?'))), served.log());
}

}  // namespace

TEST_SUITE("request log of serve") {
  TEST_CASE("each request is a line, with what PHP complains about below it") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const Application app;
      const testing::Served served(app.path(), flags(strategy));
      call(served, "/hello/Ada?token=secret");
      call(served, "/warn");
      call(served, "/missing");
      call(served, "/site.css");
      const std::string log = served.log();
      CAPTURE(log);
      CHECK(contains(line_with(log, "GET /hello/Ada 200 "), " billed"));
      CHECK(contains(log.substr(log.find("GET /warn 200 ")),
                     "Undefined variable $undefined at "
                     "index.php:3\n"));
      CHECK(contains(log, "GET /missing 404 "));
      CHECK(contains(line_with(log, "GET /site.css 200 "), " ms (asset)"));
      for (const char* part : {"secret", "START ", "REPORT ", "INIT_START", "\033"}) {
        CHECK_FALSE(contains(log, part));
      }
    }
  }

  TEST_CASE("failures name their type, and count as errors with the answers of the 5xx class") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const Application app;
      const testing::Served served(app.path(), flags(strategy));
      for (const char* path : {"/throw", "/broken", "/slow", "/missing"}) call(served, path);
      const std::string log = served.log();
      CAPTURE(log);
      CHECK(contains(log, "GET /missing 404 "));
      CHECK(contains(log, "GET /throw 5"));
      CHECK(contains(log, "on purpose"));
      CHECK(contains(log, "index.php:4"));
      CHECK(contains(log, "GET /broken 503 "));
      CHECK(contains(log, "GET /slow 5"));
      const Json state(served.call({"GET", "/_phork/state", {}, {}}).body);
      CHECK(state.integer("errors") == 3);
      CHECK(contains(state.raw("invocations"), R"("path":"/broken","http_status":503)"));
    }
  }

  TEST_CASE("a zygote says in short that it is ready, and at length at level DEBUG") {
    for (const std::string& strategy : testing::forking_strategies()) {
      CAPTURE(strategy);
      const Application app;
      const std::string ready = strategy + " ready in ";
      const std::string rehearsal = "GET /hello?key=secret; GET /say";
      {
        const testing::Served served(app.path(), flags(strategy), {{"PHORK_WARMUP", rehearsal}});
        REQUIRE(served.logs(ready));
        const std::string line = line_with(served.log(), ready);
        CHECK_MESSAGE(line.ends_with(" ms, rehearsed GET /hello, GET /say"), line);
        CHECK_FALSE(contains(served.log(), "sealed in"));
      }
      const testing::Served verbose(app.path(), flags(strategy),
                                    {{"AWS_LAMBDA_LOG_LEVEL", "DEBUG"}});
      CHECK(verbose.logs("sealed in"));
    }
  }

  TEST_CASE("with --log json each line is an object") {
    const Application app;
    const testing::Served served(app.path(), flags("fork", "json"));
    call(served, "/warn", R"("path":")");
    call(served, "/say", R"("path":")");
    std::istringstream lines(served.log());
    std::string line;
    while (std::getline(lines, line)) CHECK_MESSAGE(line.starts_with(R"({"time":")"), line);
    const Json warned(line_with(served.log(), R"("path":"/warn")"));
    CHECK(warned.text("type") == "request");
    CHECK(warned.text("method") == "GET");
    CHECK(warned.integer("status") == 200);
    CHECK(warned.integer("billed_ms") >= 1);
    CHECK(contains(warned.raw("log"), app.file("index.php")));
    CHECK(contains(warned.raw("log"), R"("line":3)"));
    CHECK(contains(line_with(served.log(), R"("path":"/say")"), R"(one\ntwo)"));
  }

  TEST_CASE("functions that log in JSON, several events at a time, have the same lines") {
    const Application app;
    std::vector<std::string> more = flags("fork");
    more.insert(more.end(), {"--slots", "2"});
    const testing::Served served(app.path(), more);
    call(served, "/warn");
    const std::string log = served.log();
    CHECK_MESSAGE(contains(log.substr(log.find("GET /warn 200 ")), " at index.php:3\n"), log);
  }
}
