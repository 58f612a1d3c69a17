// SPDX-License-Identifier: MIT
//
// What bootstrap does when Lambda goes wrong, and what `phork serve --fault` says about it. The
// rule: a platform that is broken ends the runtime at once, one lost event costs that event.
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "emulator/runtime_api/server.h"
#include "tests/support/http_client.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using namespace std::chrono_literals;
using testing::contains;
using testing::count;
using testing::Program;

// `phork serve` of the echoing handler with faults, one environment unless `more` says otherwise.
class Served {
 public:
  explicit Served(const std::vector<std::string>& faults, const std::string& strategy = "fork",
                  const std::vector<std::string>& more = {})
      : program_(testing::program("phork"), arguments(faults, strategy, more), {}) {}

  // The status of a request.
  int call(const std::string& target = "/status?code=201") {
    testing::HttpCall made;
    made.target = target;
    return testing::call_server(port(), made).status;
  }

  std::uint16_t port() {
    const std::string mark = "ready: http://127.0.0.1:";
    REQUIRE_MESSAGE(testing::eventually([&] { return contains(log(), mark); }), log());
    const std::string output = log();
    return static_cast<std::uint16_t>(std::atoi(output.c_str() + output.find(mark) + mark.size()));
  }

  std::string log() const { return program_.output(); }

  bool logs(const std::string& text) const {
    return testing::eventually([&] { return contains(log(), text); });
  }

  Program& program() { return program_; }

 private:
  static std::vector<std::string> arguments(const std::vector<std::string>& faults,
                                            const std::string& strategy,
                                            const std::vector<std::string>& more) {
    std::vector<std::string> all{"serve",
                                 testing::source_path("tests/fixtures/handlers"),
                                 "--port",
                                 "0",
                                 "--handler",
                                 "kernel.php",
                                 "--strategy",
                                 strategy,
                                 "--no-reload",
                                 "--concurrency",
                                 "1"};
    all.insert(all.end(), more.begin(), more.end());
    for (const std::string& fault : faults) {
      all.emplace_back("--fault");
      all.push_back(fault);
    }
    return all;
  }

  Program program_;
};

// bootstrap with a Runtime API of this process, whose faults can be watched.
class Platform {
 public:
  explicit Platform(const std::string& fault, const std::string& strategy = "fork",
                    const std::string& handler = "echo.php")
      : plan_({emulator::parse_fault(fault).value()}, log_),
        api_(dispatcher_, observer_, options()) {
    REQUIRE(api_.start().ok());
    bootstrap_ = std::make_unique<Program>(
        testing::program("bootstrap"), std::vector<std::string>{},
        std::map<std::string, std::string>{
            {"AWS_LAMBDA_RUNTIME_API", api_.address()},
            {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/handlers")},
            {"PHORK_WORKER", testing::program("php-worker")},
            {"PHORK_STRATEGY", strategy},
            {"_HANDLER", handler}});
  }

  // Whether an event gets an answer.
  bool answers() {
    emulator::Event event;
    event.payload = "{}";
    const auto result =
        dispatcher_.wait(dispatcher_.submit(std::move(event)), emulator::Clock::now() + 20s);
    return result && result->answered();
  }

  // When that came into the log of the faults, about.
  emulator::Clock::time_point wait_for(const std::string& text) {
    CHECK(testing::eventually([&] { return contains(log(), text); }));
    return emulator::Clock::now();
  }

  // How often an event was asked for, as long as each time was a fault but the first.
  std::size_t nexts() { return 1 + count(log(), "injected at next"); }

  Program& bootstrap() { return *bootstrap_; }

 private:
  class Observer final : public emulator::RuntimeObserver {};

  emulator::RuntimeApiServer::Options options() {
    emulator::RuntimeApiServer::Options made;
    made.timeout = 20s;
    made.faults = &plan_;
    return made;
  }

  std::string log() {
    log_.flush();
    std::string text(static_cast<std::size_t>(::lseek(file_.get(), 0, SEEK_END)), '\0');
    CHECK(::pread(file_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    return text;
  }

  base::Fd file_{::memfd_create("faults", MFD_CLOEXEC)};
  emulator::LogSink log_{file_.get()};
  emulator::FaultPlan plan_;
  emulator::Dispatcher dispatcher_;
  Observer observer_;
  emulator::RuntimeApiServer api_;
  std::unique_ptr<Program> bootstrap_;
};

}  // namespace

TEST_SUITE("faults of the platform") {
  TEST_CASE("403 and 500 to next end bootstrap without another try, under every strategy") {
    for (const std::string& strategy : testing::all_strategies()) {
      for (const std::string fault : {"next:403@2", "next:500@2"}) {
        CAPTURE(strategy);
        CAPTURE(fault);
        Platform platform(fault, strategy);
        CHECK(platform.answers());
        const auto refused = platform.wait_for("injected at next 2");
        const process::ExitStatus status = platform.bootstrap().wait_exit();
        CHECK(status.kind == process::ExitStatus::Kind::kExited);
        CHECK(status.code != 0);
        CHECK(emulator::Clock::now() - refused < 5s);
        CHECK(contains(platform.bootstrap().output(), "lambda: next '127.0.0.1:"));
        CHECK(platform.nexts() == 2);
      }
    }
  }

  TEST_CASE("an API that drops every next ends bootstrap after a few tries") {
    Platform platform("next:drop@2+");
    CHECK(platform.answers());
    const process::ExitStatus status = platform.bootstrap().wait_exit();
    CHECK(status.kind == process::ExitStatus::Kind::kExited);
    CHECK(status.code != 0);
    CHECK(platform.nexts() < 10);
  }

  TEST_CASE("a refused init error ends bootstrap as well") {
    for (const std::string fault : {"init-error:403", "init-error:500", "init-error:drop"}) {
      CAPTURE(fault);
      Platform platform(fault, "fork", "syntax_error.php");
      const process::ExitStatus status = platform.bootstrap().wait_exit();
      CHECK(status.kind == process::ExitStatus::Kind::kExited);
      CHECK(status.code != 0);
    }
  }

  TEST_CASE("a connection that ends while bootstrap waits costs no event") {
    for (const std::string& strategy : testing::all_strategies()) {
      for (const std::string fault : {"next:drop@2", "next:reset@2"}) {
        CAPTURE(strategy);
        CAPTURE(fault);
        Served served({fault}, strategy);
        CHECK(served.call() == 201);
        CHECK(served.logs("injected at next 2"));
        CHECK(served.call() == 201);
      }
    }
  }

  TEST_CASE("a post that came too late is logged, and the next event is served") {
    for (const std::string fault : {"response:410", "response:400"}) {
      CAPTURE(fault);
      Served served({fault});
      CHECK(served.call() != 201);
      CHECK(served.call() == 201);
      CHECK(served.logs("fault: " + fault + " injected at response 1"));
      CHECK_MESSAGE(served.logs("Status: timeout"), served.log());
    }
  }

  TEST_CASE("a 413 costs its event, in the same process") {
    Served served({"response:413@2"});
    CHECK(served.call() == 201);
    CHECK(served.call() == 500);
    CHECK(served.call() == 201);
    CHECK(contains(served.log(), "Function.ResponseSizeTooLarge"));
    CHECK_FALSE(contains(served.log(), "Runtime exited"));
  }

  TEST_CASE("a 500 to a response ends bootstrap, and the event with it") {
    Served served({"response:500"});
    CHECK(served.call() == 500);
    CHECK(served.call() == 201);
    CHECK_MESSAGE(served.logs("Runtime.ExitError"), served.log());
  }

  TEST_CASE("a reply that is lost costs nothing that was answered") {
    Served served({"response:drop@2"});
    for (int event = 0; event < 4; ++event) CHECK(served.call() == 201);
    CHECK(contains(served.log(), "fault: response:drop@2 injected at response 2"));
  }

  TEST_CASE("a connection that is reset in the middle of a response costs that event") {
    Served served({"response:reset@2"});
    CHECK(served.call() == 201);
    CHECK(served.call() == 500);
    CHECK(served.call() == 201);
  }

  TEST_CASE("a runtime that was frozen before it got an event serves it, on time") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Served served({"next:freeze=300ms@2"}, strategy, {"--timeout", "5"});
      CHECK(served.call() == 201);
      CHECK(served.call() == 201);
      CHECK(contains(served.log(), "injected at next 2"));
      CHECK_FALSE(contains(served.log(), "Status: "));
    }
  }

  TEST_CASE("a freeze amid an event takes from its time, and no more") {
    Served served({"event:freeze=200ms@2"}, "fork", {"--timeout", "20"});
    CHECK(served.call() == 201);
    CHECK(served.call() == 201);
    CHECK(served.call() == 201);
    CHECK_FALSE(contains(served.log(), "Status: "));
  }

  TEST_CASE("a kill amid an event costs it, and the next one starts anew") {
    Served served({"event:kill@2"});
    CHECK(served.call() == 201);
    CHECK(served.call() == 500);
    CHECK(served.call() == 201);
    CHECK_MESSAGE(served.logs("Runtime exited with error: signal: killed"), served.log());
  }

  TEST_CASE("an event whose time is over at once is killed as Lambda does it") {
    Served served({"event:timeout@2"});
    CHECK(served.call() == 201);
    CHECK(served.call() >= 500);
    CHECK(served.logs("Status: timeout"));
    CHECK(served.call() == 201);
  }

  TEST_CASE("an event with little time is interrupted by bootstrap before Lambda does it") {
    Served served({"event:timeout=1500ms"}, "fork", {"--timeout", "60"});
    CHECK(served.call("/sleep?ms=30000") == 504);
    CHECK(served.call() == 201);
    CHECK_FALSE(contains(served.log(), "Status: timeout"));
  }

  TEST_CASE("a fault that cannot be read is refused with what there is, before anything starts") {
    const testing::Finished run = testing::run_program(
        testing::program("phork"), {"serve", "--fault", "next:404", "--port", "0"}, {});
    CHECK(run.status.code == 100);
    CHECK_MESSAGE(contains(run.output,
                           "fault: read 'next:404': expected one of 403, 500, drop, reset, "
                           "delay=DURATION, freeze[=DURATION] at position 6, not '404'"),
                  run.output);
  }

  TEST_CASE("invoke takes faults too") {
    const testing::Finished run =
        testing::run_program(testing::program("phork"),
                             {"invoke", testing::source_path("tests/fixtures/handlers"),
                              "--handler", "echo.php", "--fault", "event:kill"},
                             {});
    CHECK(run.status.code == 1);
    CHECK_MESSAGE(contains(run.output, "Runtime.ExitError"), run.output);
    CHECK(contains(run.output, "fault: event:kill injected at event 1"));
  }
}
