// SPDX-License-Identifier: MIT
//
// The emulator as the Runtime API of runtimes that are not ours and know nothing of it: bash with
// curl, Python with urllib, Node with http; and AWS's own client for Node.
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/support/http_client.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Finished;
using testing::Program;
using testing::ScratchFolder;

bool is_installed(const std::string& program) {
  std::istringstream folders(std::getenv("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/" + program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

// The folder of the npm package aws-lambda-ric, when there is one to test with.
std::string aws_client() {
  const char* folder = std::getenv("PHORK_AWS_LAMBDA_RIC");
  return folder == nullptr ? std::string() : folder;
}

std::string runtime_path(const std::string& name) {
  return testing::source_path("tests/fixtures/runtimes/" + name + "_runtime");
}

// An application that is only a folder, with an event in it.
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

// The port of `phork serve`, once it is ready.
std::uint16_t ready_port(const Program& served) {
  const std::string mark = "ready: http://127.0.0.1:";
  REQUIRE_MESSAGE(testing::eventually([&] { return contains(served.output(), mark); }),
                  served.output());
  const std::string output = served.output();
  return static_cast<std::uint16_t>(std::atoi(output.c_str() + output.find(mark) + mark.size()));
}

// One event is answered, between Lambda's log lines.
void check_that_it_answers_one_event(const std::string& name) {
  const Application application;
  const Finished run = application.invoke(name, "{\"n\":1}", {"--handler", "mine.go"});
  CHECK_MESSAGE(run.status.clean(), run.output);
  CHECK_MESSAGE(contains(run.output, name + " mine.go\""), run.output);
  CHECK(contains(run.output, name + " runtime: boot"));
  CHECK(contains(run.output, "REPORT RequestId: "));
  CHECK(contains(run.output, "Init Duration: "));
}

// An error that it posts is the caller's, and the exit code says so.
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
  Program served(testing::program("phork"),
                 {"serve", folder.path(), "--bootstrap", runtime_path(name), "--port", "0",
                  "--concurrency", "1"},
                 {});
  const std::uint16_t port = ready_port(served);
  for (int event = 0; event < 5; ++event) {
    testing::HttpCall call;
    call.target = "/some/path?x=1";
    const emulator::HttpReply reply = testing::call_server(port, call);
    CHECK(reply.status == 200);
    CHECK(reply.body == name + " function.handler");
  }
  CHECK(testing::count(served.output(), "runtime: boot") == 1);
  served.signal(SIGTERM);
  CHECK(served.wait_exit().clean());
  CHECK(testing::count(served.output(), "REPORT RequestId: ") == 5);
}

// A refused next ends it, and the caller of the next event does not notice.
void check_that_it_is_replaced(const std::string& name) {
  const Application application;
  Program served(testing::program("phork"),
                 {"serve", application.folder.path(), "--bootstrap", runtime_path(name), "--port",
                  "0", "--concurrency", "1", "--fault", "next:500@2"},
                 {});
  const std::uint16_t port = ready_port(served);
  CHECK(testing::call_server(port, {}).status == 200);
  CHECK(testing::call_server(port, {}).status == 200);
  CHECK(contains(served.output(), "fault: next:500@2 injected at next 2"));
  CHECK(testing::count(served.output(), "runtime: boot") == 2);
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

  TEST_CASE("a runtime that is not ours needs no PHP file, and gets a handler all the same" *
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
    CHECK_MESSAGE(contains(broken.output, R"("errorMessage":"amid")"), broken.output);
  }

  // It is built from source by npm, with a C++ toolchain, autotools and cmake.
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
