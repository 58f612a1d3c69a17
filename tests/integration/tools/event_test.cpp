// SPDX-License-Identifier: MIT
//
// Events at hand: `phork event`, and `phork invoke` with a sample or a request. Real bootstrap,
// real PHP.
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Finished;
using testing::Json;

Finished run_phork(std::vector<std::string> arguments) {
  return testing::run_program(testing::program("phork"), std::move(arguments), {});
}

// `phork invoke` of a handler; its log is left out of the output.
Finished invoke(const std::string& handler, const std::string& strategy,
                const std::vector<std::string>& more) {
  std::string command = "exec \"$0\" \"$@\" 2>/dev/null";
  std::vector<std::string> arguments{"-c",
                                     command,
                                     testing::program("phork"),
                                     "invoke",
                                     testing::source_path("tests/fixtures/handlers"),
                                     "--handler",
                                     handler,
                                     "--strategy",
                                     strategy};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return testing::run_program("/bin/sh", std::move(arguments), {});
}

struct Refusal {
  std::vector<std::string> arguments;
  const char* text;
};

}  // namespace

TEST_SUITE("event") {
  TEST_CASE("each sample is printed as JSON") {
    const Finished list = run_phork({"event"});
    CHECK(list.status.code == 0);
    for (const char* name :
         {"sqs", "sns", "s3", "http-v1", "http-v2", "alb", "eventbridge", "dynamodb", "kinesis",
          "ses", "cognito-pre-sign-up", "authorizer-token"}) {
      CAPTURE(name);
      CHECK(contains("\n" + list.output, "\n" + std::string(name) + "\n"));
    }
    std::istringstream lines(list.output);
    for (std::string name; std::getline(lines, name);) {
      CAPTURE(name);
      const Finished sample = run_phork({"event", name});
      CHECK(sample.status.code == 0);
      const Json is_json(sample.output);
    }
  }

  TEST_CASE("fields are changed, and items added") {
    const Finished changed =
        run_phork({"event", "sqs", "--set", "Records.0.body={\"a\": 1}", "--set",
                   "Records.1.messageId=second", "--set", "Records.1.attributes.Count=3", "--set",
                   "Records.0.note=a=b"});
    REQUIRE(changed.status.code == 0);
    const Json event(changed.output);
    CHECK(event.text("Records.0.body") == "{\"a\": 1}");
    CHECK(event.text("Records.0.messageId") != "second");
    CHECK(event.text("Records.1.messageId") == "second");
    CHECK(event.text("Records.1.body") == "{\"a\": 1}");
    CHECK(event.integer("Records.1.attributes.Count") == 3);
    CHECK(event.text("Records.0.note") == "a=b");
  }

  TEST_CASE("what cannot be changed is refused with the fields that there are") {
    const Refusal refusals[] = {
        {{"event", "sqz"}, "find sample 'sqz': expected one of alb, "},
        {{"event", "../sqs"}, "find sample '../sqs': expected one of "},
        {{"event", "sqs", "--set", "Recods.0.body=a"}, "expected one of Records, got 'Recods'"},
        {{"event", "sqs", "--set", "Records.2.body=a"}, "an item, 0 to 1, got '2'"},
        {{"event", "sqs", "--set", "Records.0.body.a=b"}, "the end of the path"},
        {{"event", "sqs", "--set", "Records.0.attributes=a"}, "expected JSON"},
        {{"event", "sqs", "--set", "Records"}, "expected PATH=VALUE"},
        {{"event", "--set", "a=b"}, "KIND"},
        {{"invoke", "--event", "sample:sqz"}, "find sample 'sqz'"},
        {{"invoke", "--request", "/a"}, "expected a method and a path"},
        {{"invoke", "--request", "GET /a", "-H", "secret"}, "expected 'Name: value'"},
        {{"invoke", "--request", "GET /a", "-d", "@/none"}, "read data '/none': expected a file"},
        {{"invoke", "--request", "GET /a", "-d", "@/"}, "read data '/': expected a file"},
        {{"invoke", "--request", "GET /a", "--event", "sample:sqs"}, "excludes"},
        {{"invoke", "-d", "a=1"}, "requires --request"},
    };
    for (const Refusal& refusal : refusals) {
      CAPTURE(refusal.text);
      const Finished refused = run_phork(refusal.arguments);
      CHECK(refused.status.code == 100);
      CHECK_MESSAGE(contains(refused.output, refusal.text), refused.output);
    }
  }

  TEST_CASE("a sample and a request are events under every strategy") {
    const testing::ScratchFolder scratch;
    const std::string file = scratch.write("body", "a=1&b=2");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const Finished sample = invoke("echo.php", strategy, {"--event", "sample:sqs"});
      CHECK(sample.status.code == 0);
      CHECK_MESSAGE(contains(sample.output, "aws:sqs"), sample.output);

      const Finished request =
          invoke("kernel.php", strategy,
                 {"--request", "POST /a?x=1", "-H", "X-Color: blue", "-d", "@" + file});
      CHECK(request.status.code == 0);
      const Json answer(request.output);
      CHECK(answer.integer("statusCode") == 200);
      const Json seen(answer.text("body"));
      CHECK(seen.text("get.x") == "1");
      CHECK(seen.text("post.b") == "2");
      CHECK(seen.text("server.HTTP_X_COLOR") == "blue");
      CHECK(seen.text("server.HTTP_HOST") == "127.0.0.1");
    }
  }

  TEST_CASE("the exit code tells an error of the server, as it tells a failed event") {
    const testing::ScratchFolder scratch;
    scratch.write("index.php", "<?php http_response_code((int) $_GET['status']);");
    for (const auto& [status, code] : {std::pair{404, 0}, {499, 0}, {500, 1}, {503, 1}}) {
      const std::string line = "GET /?status=" + std::to_string(status);
      CAPTURE(line);
      CHECK(run_phork({"invoke", scratch.path(), "--request", line}).status.code == code);
    }
  }
}
