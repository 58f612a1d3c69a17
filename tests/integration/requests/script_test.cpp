// SPDX-License-Identifier: MIT
//
// Script entries, the classic index.php, under every strategy: real bootstrap, real PHP. Each event
// is a separate run, whatever the event before did and however it ended. tests/http tests what a
// script sees of a request.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/http_event.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using emulator::HttpReply;
using testing::contains;
using testing::count;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

RuntimeOptions script(const std::string& strategy, const std::string& handler = "index.php") {
  RuntimeOptions options;
  options.task_root = testing::source_path("tests/fixtures/scripts");
  options.handler = handler;
  options.strategy = strategy;
  return options;
}

HttpReply ask(Runtime& runtime, const testing::HttpCall& call) {
  const auto result = runtime.invoke(testing::http_event(call));
  REQUIRE_MESSAGE(result.answered(), call.target << result.body << "\n" << runtime.output());
  return testing::http_reply(result);
}

HttpReply ask(Runtime& runtime, const std::string& target) {
  return ask(runtime, testing::HttpCall{"GET", target, {{"Host", "shop.example"}}, ""});
}

// PHP keeps the first 16 KB of a body in memory and the rest in a file.
testing::HttpCall large_body(const std::string& end) {
  return {"POST", "/?end=" + end, {{"Content-Type", "text/plain"}}, std::string(100'000, 'b')};
}

testing::HttpCall large_upload(const std::string& end) {
  const std::string body =
      "--cut\r\nContent-Disposition: form-data; name=\"file\"; "
      "filename=\"a.txt\"\r\n\r\n" +
      std::string(100'000, 'u') + "\r\n--cut--\r\n";
  return {"POST", "/?end=" + end, {{"Content-Type", "multipart/form-data; boundary=cut"}}, body};
}

std::string header(const HttpReply& reply, const std::string& lower_name) {
  const auto values = testing::header_values(reply.headers, lower_name);
  return values.empty() ? "" : values.front();
}

// Asks the script for its state: nothing of an earlier event is in it.
Json check_fresh(Runtime& runtime, const std::string& name) {
  const HttpReply reply = ask(runtime, "/?name=" + name);
  REQUIRE_MESSAGE(reply.status == 202, reply.body << runtime.output());
  CHECK(header(reply, "x-name") == name);
  Json told(reply.body);
  CHECK(told.text("name") == name);
  CHECK_FALSE(told.boolean("constant"));
  CHECK_FALSE(told.boolean("late"));
  CHECK(told.text("precision") == "14");
  CHECK(told.text("timezone") == "UTC");
  CHECK(told.integer("umask") == 18);
  CHECK(told.integer("output") == 0);
  CHECK(told.integer("calls") == 2);
  CHECK(told.integer("made") == 1);
  CHECK(told.integer("left") == 1);
  CHECK(told.text("required") == "functions.php");
  CHECK(told.integer("requiredAgain") == 1);
  CHECK(told.text("lateClass") == "DeclaredLate");
  CHECK(told.text("scope") == "global");
  return told;
}

// A way for an event to end, and the answer and log line that it must give.
struct End {
  std::string target;
  int status;
  std::string body;
  std::string log{};  // a part of the log, there once
};

const End kEnds[] = {
    {"/?do=exit", 200, "before exit"},
    {"/?do=return", 200, "before return"},
    {"/?do=end&how=exception", 500, "", "Uncaught DomainException: nobody catches this"},
    {"/?do=end&how=exception-late", 200, "partial", "Uncaught DomainException"},
    {"/?do=end&how=fatal", 500, "", "PHP Fatal error:  by hand"},
    {"/?do=end&how=fatal-late", 200, "partial", "PHP Fatal error:  by hand"},
    {"/?do=end&how=memory", 500, "", "Allowed memory size of 8388608 bytes exhausted"},
    {"/?do=end&how=redeclared", 500, "", "required_function() (previously declared in"},
    {"/?do=end&how=finish-and-fail", 200, "sent", "after the answer"},
};

void check_end(Runtime& runtime, const End& end) {
  CAPTURE(end.target);
  const std::string before = runtime.output_when_idle();
  const HttpReply reply = ask(runtime, end.target);
  CHECK(reply.status == end.status);
  CHECK(reply.body == end.body);
  const std::string logged = runtime.output_when_idle().substr(before.size());
  if (!end.log.empty()) CHECK_MESSAGE(count(logged, end.log) == 1, logged);
  if (end.target == "/?do=exit") CHECK(header(reply, "x-ended") == "exit");
}

}  // namespace

TEST_SUITE("scripts") {
  TEST_CASE(
      "to a script that declares functions and classes, each of twenty events looks like the "
      "first") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(script(strategy));
      const Json first = check_fresh(runtime, "event-0");
      for (int event = 1; event < 20; ++event) {
        const Json told = check_fresh(runtime, "event-" + std::to_string(event));
        for (const char* same : {"globals", "included", "headers"}) {
          CHECK_MESSAGE(told.raw(same) == first.raw(same), same);
        }
      }
    }
  }

  TEST_CASE("a script runs in its folder, at global scope, and is the first file included") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(script(strategy, "scope.php"));
      const std::string folder = testing::source_path("tests/fixtures/scripts");
      for (int event = 0; event < 3; ++event) {
        const Json told(ask(runtime, "/").body);
        CHECK(told.raw("direct") == "\"global\"");
        CHECK(told.raw("function") == "\"global\"");
        CHECK(told.raw("written") == "\"by a function\"");
        CHECK(told.text("cwd") == folder);
        CHECK(told.text("dir") == folder);
        CHECK(told.text("file") == folder + "/scope.php");
        CHECK(told.boolean("relative"));
        CHECK(told.boolean("included"));
        CHECK(told.integer("depth") == 0);
        CHECK_FALSE(told.boolean("this"));
      }
    }
  }

  TEST_CASE("auto_prepend_file and auto_append_file of php.ini run for each event") {
    const ScratchFolder scratch;
    const std::string before = scratch.write("before.php", "<?php $prepended = 'by php.ini';");
    const std::string after = scratch.write("after.php", "<?php echo 'appended';");
    scratch.write("ini/files.ini",
                  "auto_prepend_file = " + before + "\nauto_append_file = " + after + "\n");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = script(strategy, "scope.php");
      options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(scratch.file("ini"));
      Runtime runtime(options);
      for (int event = 0; event < 3; ++event) {
        std::string body = ask(runtime, "/").body;
        REQUIRE(body.ends_with("appended"));
        body.resize(body.size() - std::string("appended").size());
        CHECK(Json(body).raw("prepended") == "\"by php.ini\"");
      }
    }
  }

  TEST_CASE("however a script ends, its answer is that of php-fpm, and the next event is served") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(script(strategy));
      for (const End& end : kEnds) {
        check_end(runtime, end);
        check_fresh(runtime, "next");
      }
    }
  }

  TEST_CASE("near its deadline a script is ended with a 504, and its shutdown functions run") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = script(strategy);
      options.timeout = std::chrono::milliseconds(1500);
      options.environment["PHORK_DEADLINE_MARGIN_MS"] = "600";
      Runtime runtime(options);
      check_fresh(runtime, "before");
      CHECK(ask(runtime, "/?do=end&how=deadline").status == 504);
      if (strategy != "fpm") {  // php-fpm cannot interrupt code, so its worker is killed
        const std::string logged = runtime.output_when_idle();
        CHECK_MESSAGE(count(logged, "shutdown ran") == 1, logged);
        CHECK(contains(logged, "ends.php"));
      }
      check_fresh(runtime, "between");
      CHECK(ask(runtime, "/?do=end&how=blocked").status == 504);
      check_fresh(runtime, "after");
    }
  }

  TEST_CASE("a script killed by a signal is an error at once, and the next event is served") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(script(strategy));
      const auto result = runtime.invoke(testing::http_event("/?do=end&how=killed"));
      CHECK_FALSE(result.answered());
      CHECK(Json(result.body).text("errorType") == "Runtime.WorkerKilled");
      check_fresh(runtime, "next");
    }
  }

  TEST_CASE("code after fastcgi_finish_request() runs, and the caller does not wait for it") {
    const ScratchFolder scratch;
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(script(strategy));
      const std::string file = scratch.file("worked-" + strategy);
      const HttpReply reply = ask(runtime, "/?do=end&how=finish&file=" + file);
      CHECK(reply.status == 200);
      CHECK(reply.body == "sent");
      const std::string logged = runtime.output_when_idle();
      CHECK_MESSAGE(count(logged, "shutdown ran") == 1, logged);
      CHECK(scratch.has("worked-" + strategy));
      check_fresh(runtime, "next");
    }
  }

  TEST_CASE(
      "an event that is not a request is refused as Runtime.InvalidEvent, and the next is served") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(script(strategy));
      for (const std::string payload :
           {"{}", R"({"Records":[]})", "[1]", "not json", "null", "\"\""}) {
        CAPTURE(payload);
        const auto result = runtime.invoke(payload);
        REQUIRE_FALSE(result.answered());
        CHECK(Json(result.body).text("errorType") == "Runtime.InvalidEvent");
        CHECK(Json(result.body).text("errorMessage").starts_with("http: read event: expected "));
      }
      check_fresh(runtime, "next");
    }
  }

  TEST_CASE("temporary files that an event leaves open are removed, however it ended") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const ScratchFolder scratch;
      const std::string folder = scratch.make_folder("temporary");
      scratch.write("ini/files.ini",
                    "sys_temp_dir = " + folder + "\nupload_tmp_dir = " + folder + "\n");
      RuntimeOptions options = script(strategy, "files.php");
      options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(scratch.file("ini"));
      options.environment["TMPDIR"] = folder;
      Runtime runtime(options);
      REQUIRE_MESSAGE(testing::eventually([&] { return runtime.idle(); }), runtime.output());
      const int before = scratch.count_files("temporary");
      for (const char* end : {"", "exit", "exception", "fatal", "finish"}) {
        CAPTURE(std::string(end));
        for (const testing::HttpCall& call : {large_body(end), large_upload(end)}) {
          const Json told(ask(runtime, call).body);
          CHECK(told.integer("read") + told.integer("uploaded") == 100'000);
          CHECK(told.integer("there") >= 2);
          REQUIRE(testing::eventually([&] { return runtime.idle(); }));
          CHECK(testing::eventually([&] { return scratch.count_files("temporary") == before; }));
        }
      }
    }
  }
}
