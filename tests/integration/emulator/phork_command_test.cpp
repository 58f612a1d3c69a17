// SPDX-License-Identifier: MIT
//
// The commands `phork serve` and `phork invoke` as a developer uses them: real bootstrap, real PHP.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>
#include <httplib.h>

#include "tests/support/json.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Finished;
using testing::Json;

// `phork serve` of `folder` below the source tree, and a client of it.
class Command : public testing::Served {
 public:
  Command(const std::string& folder, const std::string& handler, const std::string& strategy,
          const std::vector<std::string>& more = {})
      : Served(testing::source_path(folder), flags(handler, strategy, more)),
        client_("127.0.0.1", port()) {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_read_timeout(20);
  }

  httplib::Client& client() { return client_; }

 private:
  static std::vector<std::string> flags(const std::string& handler, const std::string& strategy,
                                        const std::vector<std::string>& more) {
    std::vector<std::string> all{"--handler", handler, "--strategy", strategy};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  httplib::Client client_;
};

constexpr const char* kRefused = "emulator: refuse a connection to the Runtime API (status 403): ";

Finished run_phork(std::vector<std::string> arguments) {
  return testing::run_program(testing::program("phork"), std::move(arguments), {});
}

// The address of the Runtime API that the first process below `serve` has.
std::string runtime_api_of(pid_t serve) {
  constexpr std::string_view kName = "AWS_LAMBDA_RUNTIME_API=";
  for (const pid_t pid : testing::descendant_pids(serve)) {
    std::ifstream environment("/proc/" + std::to_string(pid) + "/environ");
    for (std::string variable; std::getline(environment, variable, '\0');) {
      if (variable.starts_with(kName)) return variable.substr(kName.size());
    }
  }
  return {};
}

}  // namespace

TEST_SUITE("phork command") {
  TEST_CASE("serve answers HTTP from a kernel, and its log lines are Lambda's") {
    for (const std::string& strategy : testing::all_strategies()) {
      Command served("tests/fixtures/handlers", "kernel.php", strategy);
      const auto response = served.client().Get("/a/b?x=1", {{"X-Color", "blue"}});
      REQUIRE(response);
      CHECK(response->status == 200);
      CHECK(response->has_header("Content-Length"));
      CHECK_FALSE(response->has_header("Transfer-Encoding"));
      const Json seen(response->body);
      CHECK(seen.text("get.x") == "1");
      CHECK(seen.text("server.REQUEST_URI") == "/a/b?x=1");
      CHECK(seen.text("server.HTTP_X_COLOR") == "blue");
      REQUIRE(served.logs("REPORT RequestId: "));
      const std::string output = served.log();
      for (const char* part : {"INIT_START ", "START RequestId: ", "END RequestId: ",
                               "\tBilled Duration: ", "\tMax Memory Used: ", "\tInit Duration: "}) {
        CHECK_MESSAGE(contains(output, part), output);
      }
    }
  }

  TEST_CASE("a page of another site reaches the function, and nothing else of serve") {
    Command served("tests/fixtures/handlers", "kernel.php", "fork",
                   {"--allow-host", "dev.example", "--allow-host", "Other.example"});
    const std::string call = "/2015-03-31/functions/function/invocations";
    for (const httplib::Headers& headers : {httplib::Headers{{"Origin", "http://evil.example"}},
                                            httplib::Headers{{"Sec-Fetch-Site", "cross-site"}},
                                            httplib::Headers{{"Host", "evil.example"}}}) {
      CHECK(served.client().Get("/_phork", headers)->status == 403);
      CHECK(served.client().Get("/_phork/state", headers)->status == 403);
      const char* const type = "application/x-www-form-urlencoded";
      CHECK(served.client().Post(call, headers, "{}", type)->status == 403);
      CHECK(served.client().Get("/", headers)->status == 200);
    }
    for (const char* host : {"dev.example", "other.example:80", "localhost"}) {
      CHECK(served.client().Get("/_phork/state", {{"Host", host}})->status == 200);
    }
    const Finished refused = run_phork({"serve", "--allow-host", "dev.example:80"});
    CHECK(contains(refused.output, "without a port, got 'dev.example:80'"));
  }

  TEST_CASE("a stranger gets no event from the Runtime API of an environment") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Command served("tests/fixtures/handlers", "kernel.php", strategy);
      httplib::Client stranger("http://" + runtime_api_of(served.program().pid()));
      for (int connection = 0; connection < 2; ++connection) {
        const auto next = stranger.Get("/2018-06-01/runtime/invocation/next");
        REQUIRE(next);
        CHECK(next->status == 403);
      }
      CHECK(served.client().Get("/")->status == 200);
      CHECK(served.logs("or its descendants, user " + std::to_string(::geteuid()) +
                        ", got one of this user, of another process; "));
      CHECK(testing::count(served.log(), kRefused) == 1);
    }
  }

  // There the kernel does not show which process has a socket, and bootstrap is refused.
  TEST_CASE("in a user name space that gives root another number, the log says why nothing runs") {
    constexpr const char* kUnshare = "/usr/bin/unshare";
    const std::vector<std::string> mapped{"--user", "--map-user=1000"};
    const auto run = [&mapped](std::vector<std::string> command) {
      command.insert(command.begin(), mapped.begin(), mapped.end());
      return testing::run_program(kUnshare, std::move(command), {});
    };
    if (::geteuid() != 0 || !run({"true"}).status.clean()) return;
    const testing::ScratchFolder folder;
    folder.write("index.php", "<?php return fn (array $event): array => $event;");
    const Finished ended = run({testing::program("phork"), "invoke", folder.file("")});
    CAPTURE(ended.output);
    CHECK_FALSE(ended.status.clean());
    CHECK(contains(ended.output,
                   "descendants, user 1000, got one of this user that no process "
                   "shows: in a user name space run phork as "));
    CHECK(testing::count(ended.output, kRefused) == 1);
  }

  TEST_CASE("serve queues requests that come while it is busy") {
    Command served("tests/fixtures/handlers", "kernel.php", "fork");
    std::vector<std::thread> callers;
    std::atomic<int> good{0};
    for (int caller = 0; caller < 8; ++caller) {
      callers.emplace_back([&, port = served.port()] {
        httplib::Client client("127.0.0.1", port);
        client.set_read_timeout(20);
        for (int request = 0; request < 5; ++request) {
          const auto response = client.Get("/status?code=201");
          if (response && response->status == 201) ++good;
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
    CHECK(good == 40);
  }

  TEST_CASE("SIGINT ends everything that serve started, and the summary is written") {
    for (const std::string& strategy : testing::all_strategies()) {
      const auto summary = std::filesystem::temp_directory_path() /
                           ("phork-summary-" + std::to_string(::getpid()) + ".json");
      Command served("tests/fixtures/handlers", "kernel.php", strategy,
                     {"--summary", summary.string()});
      REQUIRE(served.client().Get("/"));
      const pid_t pid = served.program().pid();
      // A whole processor is stated, so one worker waits in advance.
      const bool in_advance = (strategy == "fork" || strategy == "prespawn") &&
                              std::thread::hardware_concurrency() >= 2;
      const int expected = 1 + testing::idle_processes(strategy) + (in_advance ? 1 : 0);
      CHECK(testing::eventually([&] { return testing::descendants(pid).live == expected; }));
      std::vector<pid_t> started = testing::descendant_pids(pid);
      served.program().signal(SIGINT);
      CHECK(served.program().wait_exit().describe() == "exit code 0");
      for (const pid_t child : started) {
        CHECK(testing::eventually([child] { return ::kill(child, 0) == -1; }));
      }
      std::ifstream file(summary);
      const Json written(std::string(std::istreambuf_iterator<char>(file), {}));
      CHECK(written.text("strategy") == strategy);
      CHECK(written.integer("events") == 1);
      CHECK(written.integer("errors") == 0);
      CHECK(written.has("latency_us.p50"));
      std::filesystem::remove(summary);
    }
  }

  TEST_CASE("serve on a port in use says so") {
    Command served("tests/fixtures/handlers", "kernel.php", "fork");
    const std::string port = std::to_string(served.port());
    const Finished second = run_phork({"serve", testing::source_path("tests/fixtures/handlers"),
                                       "--handler", "kernel.php", "--port", port});
    CHECK(second.status.describe() == "exit code 100");
    CHECK_MESSAGE(contains(second.output, port), second.output);
    CHECK_MESSAGE(contains(second.output, "in use; --port names another"), second.output);
  }

  TEST_CASE("an application that has a console alone is told of it") {
    for (const char* console : {"bin/console", "artisan"}) {
      const testing::ScratchFolder folder;
      const auto refusal = [&folder](const char* command) {
        const Finished ended = run_phork({command, folder.path()});
        CHECK(ended.status.describe() == "exit code 100");
        return ended.output;
      };
      CHECK_FALSE(contains(refusal("invoke"), "is a console"));
      folder.write(console, "<?php");
      const std::string advice =
          std::string(console) + " is a console: --handler " + console + "\n";
      for (const char* command : {"invoke", "serve"}) CHECK(contains(refusal(command), advice));
    }
  }

  TEST_CASE("serve of an application that cannot boot ends with its message") {
    const Finished ended = run_phork({"serve", testing::source_path("tests/fixtures/handlers"),
                                      "--handler", "throws_at_boot.php", "--port", "0"});
    CHECK(ended.status.describe() == "exit code 1");
    CHECK_MESSAGE(contains(ended.output, "boot failed on purpose"), ended.output);
  }

  TEST_CASE("a message of several lines keeps them") {
    const Finished ended = run_phork({"invoke", testing::source_path("tests/fixtures/handlers"),
                                      "--handler", "returns_nothing.absent"});
    CHECK(ended.status.describe() == "exit code 1");
    const std::size_t begin = ended.output.find("phork error: ");
    REQUIRE_MESSAGE(begin != std::string::npos, ended.output);
    CHECK(contains(ended.output.substr(begin), "; for example\n  function absent("));
    CHECK_FALSE(contains(ended.output, "\r"));
  }

  TEST_CASE("invoke prints the answer of one event") {
    for (const std::string& strategy : testing::all_strategies()) {
      const Finished ended =
          run_phork({"invoke", testing::source_path("examples/hello"), "--strategy", strategy,
                     "--event", testing::source_path("tests/fixtures/events/name.json")});
      CHECK(ended.status.clean());
      CHECK_MESSAGE(contains(ended.output, "Hello, Grace!"), ended.output);
    }
  }

  TEST_CASE("invoke of a failing event exits 1 and prints the error") {
    const Finished ended = run_phork(
        {"invoke", testing::source_path("tests/fixtures/handlers"), "--handler", "throws.php"});
    CHECK(ended.status.describe() == "exit code 1");
    CHECK_MESSAGE(contains(ended.output, "\"errorType\":\"DomainException\""), ended.output);
  }

  TEST_CASE("invoke with AWS_LAMBDA_LOG_FORMAT=JSON writes nothing but JSON, line by line") {
    struct Case {
      const char* handler;
      const char* types;
    };

    for (const Case each : {Case{"echo.php", "initStart start report "},
                            Case{"throws.php", "initStart start runtimeDone report "},
                            Case{"exits.php", "initStart start runtimeDone report "}}) {
      CAPTURE(each.handler);
      const Finished ended = testing::run_program(
          testing::program("phork"),
          {"invoke", testing::source_path("tests/fixtures/handlers"), "--handler", each.handler},
          {{"AWS_LAMBDA_LOG_FORMAT", "JSON"}});
      CAPTURE(ended.output);
      std::string types;
      std::istringstream output(ended.output);
      for (std::string line; std::getline(output, line);) {
        const Json object(line);
        if (!line.starts_with(R"({"time":)")) continue;
        const std::string type = object.text("type");
        REQUIRE(type.starts_with("platform."));
        types += type.substr(9) + ' ';
      }
      CHECK(types == each.types);
    }
  }

  TEST_CASE("invoke refuses an event file that is missing, a folder or not JSON") {
    const std::string folder = testing::source_path("examples/hello");
    const Finished directory = run_phork({"invoke", folder, "--event", folder});
    CHECK(directory.status.describe() == "exit code 100");
    CHECK(contains(directory.output, "expected a file"));
    const Finished missing = run_phork({"invoke", folder, "--event", "/nonexistent.json"});
    CHECK(missing.status.describe() == "exit code 100");
    CHECK_MESSAGE(contains(missing.output, "/nonexistent.json"), missing.output);
    const Finished garbled =
        run_phork({"invoke", folder, "--event", testing::source_path("LICENSE")});
    CHECK(garbled.status.describe() == "exit code 100");
    CHECK_MESSAGE(contains(garbled.output, "JSON"), garbled.output);
  }

  TEST_CASE("the Symfony example renders its page under every strategy") {
    if (!std::filesystem::exists(testing::source_path("examples/symfony/vendor/autoload.php"))) {
      MESSAGE("skipped: examples/symfony has no vendor folder (Packagist not reached)");
      return;
    }
    for (const std::string& strategy : testing::all_strategies()) {
      Command served("examples/symfony", "phork.php", strategy);
      for (const char* name : {"Ada", "Grace"}) {
        const auto response =
            served.client().Get(std::string("/hello/") + name + "?minimum_km=100000");
        REQUIRE(response);
        CHECK(response->status == 200);
        CHECK(contains(response->body, std::string("Hello, ") + name));
        CHECK(contains(response->body, "Saturn"));
        CHECK_FALSE(contains(response->body, "Earth"));
      }
      CHECK(served.client().Get("/no/such/page")->status == 404);
    }
  }
}
