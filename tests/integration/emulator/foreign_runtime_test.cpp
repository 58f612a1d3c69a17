// SPDX-License-Identifier: MIT
//
// The emulator as the Runtime API of runtimes that other people could have written: bash with curl,
// Python with urllib, Node with http; and AWS's own client for Node.
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Finished;
using testing::ScratchFolder;
using testing::Served;

bool is_installed(const std::string& program) {
  std::istringstream folders(std::getenv("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

// The folder of the npm package aws-lambda-ric; empty when it is not installed.
std::string aws_client() {
  const char* folder = std::getenv("PHORK_AWS_LAMBDA_RIC");
  return folder == nullptr ? std::string() : folder;
}

std::string runtime_path(const std::string& name) {
  return testing::source_path("tests/fixtures/runtimes/" + name + "_runtime");
}

// An application without code: a folder with an event in it.
struct Application {
  ScratchFolder folder;

  Finished invoke(const std::string& runtime, const std::string& event,
                  std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"invoke",      folder.path(),
                                       "--bootstrap", runtime_path(runtime),
                                       "--event",     folder.write("event.json", event)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return testing::run_program(testing::program("phork"), arguments, {});
  }
};

// One event is answered; Lambda's log lines stand around it.
void check_that_it_answers_one_event(const std::string& name) {
  const Application application;
  const Finished run = application.invoke(name, "{\"n\":1}", {"--handler", "mine.go"});
  CHECK_MESSAGE(run.status.clean(), run.output);
  CHECK_MESSAGE(contains(run.output, name + " mine.go\""), run.output);
  CHECK(contains(run.output, name + " runtime: boot"));
  CHECK(contains(run.output, "REPORT RequestId: "));
  CHECK(contains(run.output, "Init Duration: "));
}

// The caller gets the error that the runtime posts, and the exit code says so.
void check_that_it_posts_an_error(const std::string& name) {
  const Application application;
  const Finished run = application.invoke(name, R"({"fail":1})");
  CHECK(run.status.code == 1);
  CHECK_MESSAGE(contains(run.output, "as asked"), run.output);
  CHECK(contains(run.output, "Status: error"));
}

// HTTP, one event after the other, in one process.
void check_that_it_serves_http(const std::string& name) {
  const ScratchFolder folder;
  Served served(folder.path(), {"--bootstrap", runtime_path(name), "--concurrency", "1"});
  for (int event = 0; event < 5; ++event) {
    testing::HttpCall call;
    call.target = "/some/path?x=1";
    const emulator::HttpReply reply = served.call(call);
    CHECK(reply.status == 200);
    CHECK(reply.body == name + " function.handler");
  }
  CHECK(testing::count(served.log(), "runtime: boot") == 1);
  served.program().signal(SIGTERM);
  CHECK(served.program().wait_exit().clean());
  CHECK(testing::count(served.log(), "REPORT RequestId: ") == 5);
}

// A refused `next` ends the runtime, and the caller of the next event does not notice.
void check_that_it_is_replaced(const std::string& name) {
  const Application application;
  Served served(application.folder.path(),
                {"--bootstrap", runtime_path(name), "--concurrency", "1", "--fault", "next:500@2"});
  CHECK(served.call().status == 200);
  CHECK(served.call().status == 200);
  CHECK(contains(served.log(), "fault: next:500@2 injected at next 2"));
  CHECK(testing::count(served.log(), "runtime: boot") == 2);
}

void check_all(const std::string& name) {
  check_that_it_answers_one_event(name);
  check_that_it_posts_an_error(name);
  check_that_it_serves_http(name);
  check_that_it_is_replaced(name);
}

}  // namespace

TEST_SUITE("foreign runtimes") {
  TEST_CASE("bash with curl serves, fails and is replaced" * doctest::skip(!is_installed("curl"))) {
    check_all("curl");
  }

  TEST_CASE("Python with urllib serves, fails and is replaced" *
            doctest::skip(!is_installed("python3"))) {
    check_all("python");
  }

  TEST_CASE("Node with http serves, fails and is replaced" * doctest::skip(!is_installed("node"))) {
    check_all("node");
  }

  TEST_CASE("a foreign runtime needs no PHP file, and still gets a handler" *
            doctest::skip(!is_installed("curl"))) {
    const Application application;
    const Finished run = application.invoke("curl", "{}");
    CHECK_MESSAGE(run.status.clean(), run.output);
    CHECK(contains(run.output, "curl function.handler"));
  }

  TEST_CASE("Node streams, and its trailers end a stream as an error" *
            doctest::skip(!is_installed("node"))) {
    const Application application;
    const Finished whole = application.invoke("node", R"({"stream":"whole"})");
    CHECK_MESSAGE(whole.status.clean(), whole.output);
    CHECK(contains(whole.output, "node streams well"));
    const Finished broken = application.invoke("node", R"({"stream":"breaks"})");
    CHECK(broken.status.code == 1);
    CHECK(contains(broken.output, "node streams "));
    CHECK_MESSAGE(contains(broken.output, R"("errorMessage":"half way")"), broken.output);
  }

  // npm builds the package from source, which takes a C++ toolchain, autotools and cmake.
  TEST_CASE("AWS's own client for Node serves, fails and streams" *
            doctest::skip(aws_client().empty())) {
    const ScratchFolder folder;
    folder.write("app.js",
                 "exports.handler = async (event, context) => {\n"
                 "  if (event.fail) throw new RangeError('as asked');\n"
                 "  return { left: context.getRemainingTimeInMillis(), event };\n};\n"
                 "exports.stream = awslambda.streamifyResponse(async (event, out) => {\n"
                 "  out.write('part one, ');\n  out.write('part two');\n  out.end();\n});\n");
    const std::string bootstrap = folder.write(
        "bootstrap", "#!/bin/sh\nexec node '" + aws_client() + "/bin/index.mjs' \"$_HANDLER\"\n");
    REQUIRE(::chmod(bootstrap.c_str(), 0700) == 0);
    const auto invoke = [&](const std::string& handler, const std::string& event) {
      return testing::run_program(testing::program("phork"),
                                  {"invoke", folder.path(), "--bootstrap", bootstrap, "--handler",
                                   handler, "--event", folder.write("event.json", event)},
                                  {});
    };
    const Finished answered = invoke("app.handler", R"({"n":1})");
    CHECK_MESSAGE(answered.status.clean(), answered.output);
    CHECK(contains(answered.output, R"("event":{"n":1})"));
    const Finished failed = invoke("app.handler", R"({"fail":1})");
    CHECK(failed.status.code == 1);
    CHECK(contains(failed.output, R"("errorType":"RangeError")"));
    const Finished streamed = invoke("app.stream", "{}");
    CHECK_MESSAGE(streamed.status.clean(), streamed.output);
    CHECK(contains(streamed.output, "part one, part two"));
  }
}
