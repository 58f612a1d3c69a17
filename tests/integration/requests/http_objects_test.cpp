// SPDX-License-Identifier: MIT
//
// Real applications as entries: Slim (PSR-15) and Laravel, from examples/, and Symfony's responses.
// Without their Composer packages their cases only say so.
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

// The examples have the same routes and differ in these.
struct Example {
  std::string folder;
  std::string handler;
  std::string prefix;  // of the routes for programs
};

const Example kSlim{"examples/slim", "app.php", ""};
const Example kLaravel{"examples/laravel", "phork.php", "/api"};

bool installed(const std::string& folder) {
  if (std::filesystem::exists(testing::source_path(folder + "/vendor/autoload.php"))) return true;
  MESSAGE("skipped: ", folder, " has no vendor folder (its packages could not be fetched)");
  return false;
}

RuntimeOptions options_of(const Example& example, const std::string& strategy) {
  RuntimeOptions options;
  options.task_root = testing::source_path(example.folder);
  options.handler = example.handler;
  options.strategy = strategy;
  options.environment["APP_KEY"] = "base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  return options;
}

struct Request {
  std::string method;
  std::string path;
  std::string query{};
  std::string content_type{};
  std::string body{};  // escaped as in JSON
  std::string cookie{};
};

std::string quoted(const std::string& text) {
  return '"' + text + '"';
}

// A payload of format 2.0.
std::string http_event(const Request& request) {
  std::string headers = R"("host":"shop.example")";
  if (!request.content_type.empty()) {
    headers += R"(,"content-type":)" + quoted(request.content_type);
  }
  const std::string cookies = request.cookie.empty() ? "" : quoted(request.cookie);
  return R"({"version":"2.0","routeKey":"$default","rawPath":)" + quoted(request.path) +
         R"(,"rawQueryString":)" + quoted(request.query) + R"(,"cookies":[)" + cookies +
         R"(],"headers":{)" + headers + R"(},"requestContext":{"http":{"method":)" +
         quoted(request.method) + R"(,"path":)" + quoted(request.path) +
         R"(,"protocol":"HTTP/1.1","sourceIp":"203.0.113.9","userAgent":"test"},)" +
         R"("stage":"$default"},"body":)" + quoted(request.body) + R"(,"isBase64Encoded":false})";
}

Json answer_of(Runtime& runtime, const Request& request) {
  const auto result = runtime.invoke(http_event(request));
  REQUIRE_MESSAGE(result.answered(), result.body << "\n" << runtime.output());
  return Json(result.body);
}

void check_query(Runtime& runtime, const Example& example) {
  const Json answer =
      answer_of(runtime, {"GET", example.prefix + "/hello/Ada%20L", "times=2&unused=a%2Fb"});
  REQUIRE_MESSAGE(answer.integer("statusCode") == 200, runtime.output());
  const Json body(answer.text("body"));
  CHECK(body.text("greeting") == "Hello, Ada L! Hello, Ada L!");
  CHECK(body.text("uri") ==
        "https://shop.example" + example.prefix + "/hello/Ada%20L?times=2&unused=a%2Fb");
}

void check_form_and_cookies(Runtime& runtime, const Example& example) {
  const Json answer =
      answer_of(runtime, {"POST", example.prefix + "/orders", "",
                          "application/x-www-form-urlencoded", "item=two+lamps%21&quantity=3"});
  REQUIRE_MESSAGE(answer.integer("statusCode") == 201, runtime.output());
  const Json body(answer.text("body"));
  CHECK(body.text("item") == "two lamps!");
  CHECK(body.integer("quantity") == 3);
  CHECK(answer.text("cookies.0").starts_with("item=two%20lamps%21; "));
  CHECK(answer.text("cookies.1").starts_with("quantity=3; "));
  CHECK_FALSE(answer.has("cookies.2"));
}

void check_json(Runtime& runtime, const Example& example) {
  const Json answer =
      answer_of(runtime, {"PUT", example.prefix + "/orders/7", "", "application/json",
                          R"({\"item\":\"lamp\",\"parts\":[{\"n\":1},{\"n\":2}]})"});
  REQUIRE_MESSAGE(answer.integer("statusCode") == 200, runtime.output());
  CHECK(answer.text("headers.Content-Type").starts_with("application/json"));
  const Json body(answer.text("body"));
  CHECK(body.integer("id") == 7);
  CHECK(body.text("item") == "lamp");
  CHECK(body.integer("parts.1.n") == 2);
}

void check_upload(Runtime& runtime, const Example& example) {
  const Json answer = answer_of(
      runtime, {"POST", example.prefix + "/receipts", "", "multipart/form-data; boundary=cut",
                R"(--cut\r\nContent-Disposition: form-data; name=\"receipt\"; )"
                R"(filename=\"receipt.txt\"\r\nContent-Type: text/plain\r\n\r\n)"
                R"(hello\r\n--cut--\r\n)"});
  REQUIRE_MESSAGE(answer.integer("statusCode") == 200, runtime.output());
  const Json body(answer.text("body"));
  CHECK(body.text("name") == "receipt.txt");
  CHECK(body.text("type") == "text/plain");
  CHECK(body.integer("bytes") == 5);
  CHECK(body.text("sha1") == "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d");  // of hello
}

void check_errors(Runtime& runtime, const Example& example) {
  CHECK(answer_of(runtime, {"GET", "/no/such/page"}).integer("statusCode") == 404);
  CHECK(answer_of(runtime, {"GET", example.prefix + "/broken"}).integer("statusCode") == 500);
  CHECK(runtime.output_when_idle().find("this route is broken on purpose") != std::string::npos);
}

void check_example(const Example& example) {
  for (const std::string& strategy : testing::all_strategies()) {
    CAPTURE(strategy);
    Runtime runtime(options_of(example, strategy));
    check_query(runtime, example);
    check_form_and_cookies(runtime, example);
    check_json(runtime, example);
    check_upload(runtime, example);
    check_errors(runtime, example);
    check_query(runtime, example);  // the requests before it left nothing in its way
  }
}

// All cookies of an answer, as a browser sends them back.
std::string session_of(const Json& answer) {
  std::string cookies;
  for (int index = 0; answer.has("cookies." + std::to_string(index)); ++index) {
    const std::string cookie = answer.text("cookies." + std::to_string(index));
    cookies += (cookies.empty() ? "" : "; ") + cookie.substr(0, cookie.find(';'));
  }
  return cookies;
}

// A path without a file until open() makes it.
class Gate : private base::Pinned {
 public:
  Gate() : path_("/tmp/phork-gate-" + std::to_string(::getpid())) {
    std::filesystem::remove(path_);
  }

  ~Gate() { std::filesystem::remove(path_); }

  const std::string& path() const { return path_; }

  void open() const { std::ofstream(path_) << "open"; }

 private:
  std::string path_;
};

RuntimeOptions symfony_responses(const std::string& strategy, const Gate& gate) {
  RuntimeOptions options;
  options.handler = "symfony_responses.php";
  options.strategy = strategy;
  options.environment["PHORK_TEST_GATE"] = gate.path();
  return options;
}

}  // namespace

TEST_SUITE("http objects") {
  TEST_CASE("a Slim application is served under every strategy") {
    if (installed(kSlim.folder)) check_example(kSlim);
  }

  TEST_CASE("a Laravel application is served under every strategy") {
    if (installed(kLaravel.folder)) check_example(kLaravel);
  }

  TEST_CASE("a Laravel session follows its cookies, and another client does not get it") {
    if (!installed(kLaravel.folder)) return;
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_of(kLaravel, strategy));
      const Json first = answer_of(runtime, {"GET", "/"});
      REQUIRE_MESSAGE(contains(first.text("body"), "Visit 1"), first.text("body"));
      Request again{"GET", "/"};
      again.cookie = session_of(first);
      CHECK(contains(answer_of(runtime, again).text("body"), "Visit 2"));
      const Json stranger = answer_of(runtime, {"GET", "/"});
      CHECK(contains(stranger.text("body"), "Visit 1"));
      CHECK(session_of(stranger) != session_of(first));
    }
  }

  TEST_CASE("streamed and file responses of Symfony are whole") {
    if (!installed("examples/symfony")) return;
    Gate gate;
    gate.open();
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(symfony_responses(strategy, gate));
      const Json streamed = answer_of(runtime, {"GET", "/streamed"});
      CHECK(streamed.integer("statusCode") == 202);
      CHECK(streamed.text("headers.X-Kind") == "streamed");
      CHECK(streamed.text("body") == "one\ntwo\nthree\n");
      const Json file = answer_of(runtime, {"GET", "/file"});
      CHECK(file.integer("statusCode") == 200);
      CHECK(file.text("body").starts_with("<?php\n"));
      CHECK(std::to_string(file.text("body").size()) == file.text("headers.Content-Length"));
    }
  }

  TEST_CASE("the answer leaves before terminate(), for every kind of response") {
    if (!installed("examples/symfony")) return;
    for (const std::string& strategy : testing::all_strategies()) {
      for (const char* path : {"/", "/streamed", "/file"}) {
        CAPTURE(strategy);
        CAPTURE(path);
        const Gate gate;
        Runtime runtime(symfony_responses(strategy, gate));
        answer_of(runtime, {"GET", path});
        gate.open();
        CHECK(contains(runtime.output_when_idle(), "terminated after the answer"));
      }
    }
  }
}
