// SPDX-License-Identifier: MIT
#include "supervisor/supervisor.h"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/exit_code.h"
#include "runtime/base/settings.h"
#include "tests/support/captured.h"
#include "tests/unit/lambda/servers.h"
#include "tests/unit/supervisor/fakes.h"

namespace phork::supervisor {
namespace {

using base::Error;
using base::ErrorKind;
using lambda::testing::Connection;
using lambda::testing::ScriptedServer;
using phork::testing::captured;
using testing::event_named;
using testing::Script;
using Notes = std::vector<std::string>;

Config config_with(unsigned slots) {
  Config config;
  config.strategy = strategies::find_strategy("fpm").value();
  config.settings.slots = slots;
  return config;
}

Config graceful_config(const ScriptedServer& api) {
  Config config = config_with(1);
  config.graceful_shutdown = true;
  config.environment.runtime_api = api.endpoint();
  return config;
}

// Runs a supervisor of fakes; returns its exit code and puts its log into `log`.
int run(Script& script, Config config, std::string* log = nullptr) {
  int code = -1;
  const std::string logged = captured(STDERR_FILENO, [&] {
    unsigned slot = 0;
    Supervisor supervisor(std::move(config), testing::make_fake_strategy(script),
                          [&] { return testing::make_fake_api(script, slot++); });
    code = supervisor.run();
  });
  if (log != nullptr) *log = logged;
  return code;
}

int run(Script& script, unsigned slots = 1) {
  return run(script, config_with(slots));
}

// Lambda ends an environment this way: next() fails.
Error ended() {
  return {ErrorKind::kStopped, "test: ended"};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Lets `count` threads through once all of them have come; false when they do not within ten
// seconds.
class Meeting {
 public:
  explicit Meeting(int count) : missing_(count) {}

  bool arrive() {
    std::unique_lock lock(mutex_);
    if (--missing_ <= 0) changed_.notify_all();
    return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return missing_ <= 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int missing_;
};

}  // namespace

TEST_SUITE("supervisor: boot") {
  TEST_CASE("a failed boot is reported to Lambda once, and no event is asked for") {
    Script script;
    script.boot_failure = event::Failure{"Runtime.PhpFatal", "syntax error", {}};
    std::string log;
    CHECK(run(script, config_with(2), &log) == base::kFailed);
    CHECK(script.notes() == Notes{"boot", "fail init Runtime.PhpFatal", "shut down"});
    CHECK(contains(log, "Runtime.PhpFatal: syntax error"));
  }

  TEST_CASE("a boot failure that cannot be reported is a system failure") {
    Script script;
    script.boot_failure = event::Failure{"Runtime.PhpFatal", "", {}};
    script.posted = Error{ErrorKind::kDisconnected, "lambda: gone"};
    std::string log;
    CHECK(run(script, config_with(1), &log) == base::kSystemFailed);
    CHECK(contains(log, "lambda: gone"));
    CHECK(script.notes().back() == "shut down");
  }

  TEST_CASE("a slot that cannot open is reported to Lambda as a failed boot") {
    Script script;
    script.opened = Error{ErrorKind::kSystem, "test: open: no more processes"};
    std::string log;
    CHECK(run(script, config_with(2), &log) == base::kFailed);
    CHECK(script.notes() == Notes{"boot", "open 0", "fail init Runtime.BootFailed", "shut down"});
    CHECK(contains(log, "no more processes"));
  }
}

TEST_SUITE("supervisor: events") {
  TEST_CASE("each event is taken, served, answered and followed by renew before the next") {
    Script script;
    script.hand_out(0, event_named("r1"));
    script.hand_out(0, event_named("r2"));
    script.hand_out(0, ended());
    CHECK(run(script) == base::kOk);
    CHECK(script.notes() == Notes{"boot", "open 0", "next", "serve r1", "post r1 answer to r1",
                                  "renew", "next", "serve r2", "post r2 answer to r2", "renew",
                                  "next", "close", "shut down"});
  }

  TEST_CASE("a failed event is answered with its failure, and the next one is served") {
    Script script;
    script.serve = [](const event::Invocation& event) -> event::Outcome {
      if (event.request_id == "r1") return event::Failure{"App\\SoldOut", "no", {}};
      return event::Answer{"2"};
    };
    script.hand_out(0, event_named("r1"));
    script.hand_out(0, event_named("r2"));
    script.hand_out(0, ended());
    CHECK(run(script) == base::kOk);
    CHECK(script.notes_with(" r") ==
          Notes{"serve r1", "fail r1 App\\SoldOut", "serve r2", "post r2 2"});
  }

  TEST_CASE("a refused answer does not stop the run") {
    Script script;
    script.posted = lambda::Posted{lambda::Posted::Verdict::kTooLarge, 413, "", ""};
    script.hand_out(0, event_named("r1"));
    script.hand_out(0, event_named("r2"));
    script.hand_out(0, ended());
    CHECK(run(script) == base::kOk);
    CHECK(script.notes_with("renew").size() == 2);
  }

  TEST_CASE("slots serve at the same time, each with its own API and strategy slot") {
    constexpr unsigned kSlots = 4;
    Script script;
    Meeting all(kSlots);
    script.serve = [&all](const event::Invocation&) -> event::Outcome {
      return event::Answer{all.arrive() ? "together" : "alone"};
    };
    for (unsigned slot = 0; slot < kSlots; ++slot) {
      script.hand_out(slot, event_named("r" + std::to_string(slot)));
      script.hand_out(slot, ended());
    }
    CHECK(run(script, kSlots) == base::kOk);
    CHECK(script.notes_with("open ").size() == kSlots);
    CHECK(script.notes_with("together").size() == kSlots);
    CHECK(script.notes_with("close").size() == kSlots);
    for (unsigned slot = 0; slot < kSlots; ++slot) {
      const std::string id = "r" + std::to_string(slot);
      CHECK(script.notes_with(id) == Notes{"serve " + id, "post " + id + " together"});
    }
    CHECK(script.notes().back() == "shut down");
  }

  TEST_CASE("metrics report each event's cost when they are on") {
    for (const auto format : {base::MetricsFormat::kOff, base::MetricsFormat::kJson}) {
      Script script;
      script.hand_out(0, event_named("r1"));
      script.hand_out(0, ended());
      Config config = config_with(1);
      config.metrics = {format, "function"};
      const std::string output = captured(STDOUT_FILENO, [&] { run(script, std::move(config)); });
      if (format == base::MetricsFormat::kOff) {
        CHECK(output.empty());
      } else {
        CHECK(contains(output, R"("request_id":"r1")"));
        CHECK(contains(output, R"("minor_faults":17)"));
        CHECK(contains(output, R"("php_us":256)"));
        CHECK(contains(output, R"("generation":3)"));
        CHECK(contains(output, R"("ready_us":640)"));
      }
    }
  }
}

TEST_SUITE("supervisor: extension") {
  TEST_CASE("a registration that Lambda refuses is logged once, and events are served") {
    ScriptedServer server({[](Connection& connection) {
      connection.read_request();
      connection.send(lambda::testing::status_response("404 Not Found"));
    }});
    Script script;
    script.hand_out(0, event_named("r1"));
    script.hand_out(0, ended());
    std::string log;
    CHECK(run(script, graceful_config(server), &log) == base::kOk);
    server.join();
    CHECK_FALSE(server.has_uninvited());
    CHECK(contains(log, "got 404; there will be no graceful shutdown"));
    CHECK(log.find('\n') == log.size() - 1);
    CHECK(script.notes_with("post r1").size() == 1);
  }

  TEST_CASE("it is parked while a slot serves, and an answer to it is logged") {
    std::string parked;
    std::promise<void> answered;
    ScriptedServer server({[&](Connection& connection) {
      connection.read_request();
      connection.send(
          "HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: id-1\r\nContent-Length: 0\r\n\r\n");
      parked = connection.read_request();
      connection.send(
          "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      connection.read_request();  // until the supervisor has read the answer, and closes
      answered.set_value();
    }});
    Script script;
    script.serve = [&](const event::Invocation&) -> event::Outcome {
      answered.get_future().wait();
      return event::Answer{"1"};
    };
    script.hand_out(0, event_named("r1"));
    script.hand_out(0, ended());
    std::string log;
    CHECK(run(script, graceful_config(server), &log) == base::kOk);
    server.join();
    CHECK_FALSE(server.has_uninvited());
    CHECK(contains(parked, "\r\nLambda-Extension-Identifier: id-1\r\n"));
    CHECK(contains(log, "expected no answer, got status 500"));
    CHECK(log.find('\n') == log.size() - 1);
    CHECK(script.notes_with("post r1").size() == 1);
  }
}

TEST_SUITE("supervisor: end") {
  TEST_CASE("a failed next ends the run at once, without another try") {
    for (const ErrorKind kind :
         {ErrorKind::kRefused, ErrorKind::kDisconnected, ErrorKind::kInvalid}) {
      Script script;
      script.hand_out(0, Error{kind, "lambda: next: 403"});
      std::string log;
      CHECK(run(script, config_with(1), &log) == base::kSystemFailed);
      CHECK(script.notes() == Notes{"boot", "open 0", "next", "close", "shut down"});
      CHECK(contains(log, "lambda: next: 403"));
    }
  }

  TEST_CASE("a failed slot ends the other slots after their current events") {
    Script script;
    Meeting both(2);
    script.serve = [&](const event::Invocation& event) -> event::Outcome {
      both.arrive();
      if (event.request_id == "r1") script.wait_interrupted(1);
      return event::Answer{"1"};
    };
    script.hand_out(0, event_named("r0"));
    script.hand_out(0, Error{ErrorKind::kRefused, "lambda: next: 500"});
    script.hand_out(1, event_named("r1"));
    script.hand_out(1, event_named("never"));
    CHECK(run(script, 2) == base::kSystemFailed);
    CHECK(script.notes_with("post r1") == Notes{"post r1 1"});
    CHECK(script.notes_with("never").empty());
    CHECK(script.notes_with("close").size() == 2);
    CHECK(script.notes().back() == "shut down");
  }

  TEST_CASE("an API that is closed when an answer is posted ends the run") {
    Script script;
    script.posted = Error{ErrorKind::kDisconnected, "lambda: post: gone"};
    script.hand_out(0, event_named("r1"));
    script.hand_out(0, event_named("never"));
    std::string log;
    CHECK(run(script, config_with(1), &log) == base::kSystemFailed);
    CHECK(contains(log, "lambda: post: gone"));
    CHECK(script.notes_with("never").empty());
  }

  TEST_CASE("a slot that cannot be renewed ends the run after its answer") {
    Script script;
    script.renewed = Error{ErrorKind::kDisconnected, "test: renew: the zygote is gone"};
    script.hand_out(0, event_named("r1"));
    script.hand_out(0, event_named("never"));
    std::string log;
    CHECK(run(script, config_with(1), &log) == base::kSystemFailed);
    CHECK(script.notes() == Notes{"boot", "open 0", "next", "serve r1", "post r1 answer to r1",
                                  "renew", "close", "shut down"});
    CHECK(contains(log, "the zygote is gone"));
  }

  TEST_CASE("an unexpected error of a system call ends the run and not the process") {
    Script script;
    script.serve = [](const event::Invocation&) -> event::Outcome {
      throw base::SystemError(ENOMEM, "test: poll");
    };
    script.hand_out(0, event_named("r1"));
    std::string log;
    CHECK(run(script, config_with(1), &log) == base::kSystemFailed);
    CHECK(contains(log, "test: poll"));
    CHECK(script.notes().back() == "shut down");
  }

  TEST_CASE("a signal while all slots wait ends the run cleanly") {
    for (const int signal : {SIGTERM, SIGINT}) {
      CAPTURE(signal);
      Script script;
      script.hand_out(0, event_named("r1"));
      script.on_renew = [signal] { ::kill(::getpid(), signal); };
      CHECK(run(script, 3) == base::kOk);
      CHECK(script.notes_with("post r1").size() == 1);
      CHECK(script.notes_with("close").size() == 3);
      CHECK(script.notes().back() == "shut down");
    }
  }

  TEST_CASE("after a signal the current event finishes and no other is asked for") {
    Script script;
    bool interrupted = false;
    script.serve = [&](const event::Invocation&) -> event::Outcome {
      ::kill(::getpid(), SIGTERM);
      interrupted = script.wait_interrupted(0);
      return event::Answer{"drained"};
    };
    script.hand_out(0, event_named("r1"));
    script.hand_out(0, event_named("never"));
    CHECK(run(script) == base::kOk);
    CHECK(interrupted);
    CHECK(script.notes() == Notes{"boot", "open 0", "next", "serve r1", "post r1 drained", "renew",
                                  "next", "close", "shut down"});
  }

  TEST_CASE("after the run signals have their former actions") {
    Script script;
    script.hand_out(0, ended());
    CHECK(run(script) == base::kOk);

    struct sigaction action {};

    REQUIRE(::sigaction(SIGTERM, nullptr, &action) == 0);
    CHECK((action.sa_handler == SIG_DFL));
  }
}

}  // namespace phork::supervisor
