// SPDX-License-Identifier: MIT
//
// `phork bench --url` and `--log`: the function is deployed on `phork serve`, whose log has
// Lambda's REPORT lines.
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/eventually.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Finished;
using testing::Json;
using testing::Served;

constexpr const char* kPage =
    "<?php http_response_code((int) ($_GET['code'] ?? 200)); echo 'page';";

Finished bench(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "bench");
  return testing::run_program(testing::program("phork"), arguments, {});
}

std::string url_of(const Served& served, const std::string& path) {
  return "http://127.0.0.1:" + std::to_string(served.port()) + path;
}

// Every test here needs ab.
bool has_no_ab() {
  return ::access("/usr/bin/ab", X_OK) != 0;
}

}  // namespace

TEST_SUITE("bench of a deployed function" * doctest::skip(has_no_ab())) {
  TEST_CASE("a URL by ab, and the log of the same events by its REPORT lines") {
    for (const char* format : {"Text", "JSON"}) {
      CAPTURE(format);
      const testing::ScratchFolder folder;
      folder.write("app/index.php", kPage);
      const Served served(folder.file("app"), {"--concurrency", "1"},
                          {{"AWS_LAMBDA_LOG_FORMAT", format}});
      const Finished called =
          bench({"--url", url_of(served, ""), "-n", "100", "--json", folder.file("url.json")});
      CAPTURE(called.output);
      REQUIRE(called.status.clean());
      CHECK(contains(called.output, ": 100 requests, 1 at a time, "));
      CHECK(Json(folder.read("url.json")).integer("requests") == 100);

      // The last event is reported when its worker asks for the next one.
      REQUIRE(testing::eventually([&served, &format] {
        const char* report = format == std::string("JSON") ? "platform.report" : "REPORT Req";
        return testing::count(served.log(), report) == 100;
      }));
      folder.write("log", served.log());
      const Finished read = bench({"--log", folder.file("log"), "--json", folder.file("log.json")});
      CAPTURE(read.output);
      REQUIRE(read.status.clean());
      CHECK(contains(read.output, "/log: 100 events, 0 errors, 1 cold start\n"));
      const Json json(folder.read("log.json"));
      CHECK(json.integer("log.events") == 100);
      CHECK(json.integer("log.memory_mb") == 1769);
      CHECK(json.has("log.duration_ms.p50"));
      CHECK(json.has("log.init_ms.p50"));
    }
  }

  TEST_CASE("requests that fail are no measurement") {
    const testing::ScratchFolder folder;
    folder.write("app/index.php", kPage);
    const Served served(folder.file("app"));

    const Finished ended = bench({"--url", url_of(served, "/?code=500"), "-n", "100", "-c", "2"});

    CAPTURE(ended.output);
    CHECK(ended.status.code == 1);
    CHECK(contains(ended.output, "got 0 failed and 100 not answered with 2xx, of 100"));
  }

  TEST_CASE("bad input costs one line") {
    const testing::ScratchFolder folder;
    folder.write("empty", "");
    folder.write("log", "INIT_START\n");

    struct Case {
      std::vector<std::string> arguments;
      int code;
      const char* complaint;
    };

    const Case cases[] = {
        {{"--url", "example.org"}, 100, "expected a URL with http:// or https://"},
        {{"--url", "http://me:secret@127.0.0.1:1/"}, 100, "measure '127.0.0.1:1': expected a URL"},
        {{"--url", "http://127.0.0.1:1/"}, 1, "bench: run 'ab': exit code "},
        {{"--url", "http://127.0.0.1:1/", "-n", "99"}, 100, "expected at least 100 requests"},
        {{"--url", "http://127.0.0.1:1/", "--event", "a.json"}, 100, "--event excludes --url"},
        {{folder.path(), "--log", folder.file("log")}, 100, "DIR excludes --log"},
        {{"--log", folder.file("none")}, 100, "No such file or directory"},
        {{"--log", folder.file("empty")}, 100, "expected REPORT lines, got nothing"},
        {{"--log", folder.path()}, 100, "Is a directory"},
        {{"--log", folder.file("log")}, 100, "found none in 1 lines"},
    };
    for (const Case& bad : cases) {
      const Finished ended = bench(bad.arguments);
      CAPTURE(ended.output);
      CHECK(ended.status.code == bad.code);
      CHECK(contains(ended.output, bad.complaint));
    }
  }
}
