// SPDX-License-Identifier: MIT
//
// Hooks of boot, of each event and of shutdown, under each strategy. Those around fork and snapshot
// have tests of their own. Real bootstrap, real PHP.
#include <csignal>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/eventually.h"
#include "tests/support/http_event.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::count;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

// HOOK names one that fails, and HOW.
constexpr const char* kHooks = R"(<?php
$GLOBALS['ran'] = [];
function hook(string $on, string $name): Closure
{
    return function (?Phork\Context $context = null, ?bool $failed = null) use ($on, $name) {
        $GLOBALS['ran'][] = $name;
        $of = $context === null ? '' : " of $context->requestId";
        $how = match ($failed) { null => '', true => ' failed', false => ' went well' };
        print("hook $name$of$how\n");
        if (getenv('HOOK') === $name) {
            match (getenv('HOW')) {
                'throws' => throw new DomainException('no database'),
                'exits' => exit(3),
                'breaks' => trigger_error('no way out', E_USER_ERROR),
                'crashes' => posix_kill(getmypid(), 6) && sleep(10),
            };
        }
    };
}
foreach (['boot', 'beforeEvent', 'afterEvent', 'shutdown'] as $on) {
    foreach (['first', 'second'] as $nth) {
        ('Phork\on' . ucfirst($on))(hook($on, "$on-$nth"));
    }
}
)";

constexpr const char* kHandler = R"(<?php
require __DIR__ . '/hooks.php';
return function (array $event): array {
    if (isset($event['fills'])) {
        ini_set('memory_limit', '16M');
        register_shutdown_function(fn () => print("shut down\n"));
        str_repeat('x', 1 << 25);
    }
    isset($event['fails']) && throw new LogicException('as asked');
    return $GLOBALS['ran'];
};
)";

constexpr const char* kScript = R"(<?php
http_response_code($_GET['status'] ?? 200);
echo implode(' ', $GLOBALS['ran']);
)";

class Hooked {
 public:
  Hooked() {
    folder_.write("hooks.php", kHooks);
    folder_.write("handler.php", kHandler);
    folder_.write("script.php", kScript);
  }

  RuntimeOptions options(const std::string& handler, const std::string& strategy) const {
    RuntimeOptions options;
    options.handler = handler;
    options.strategy = strategy;
    options.task_root = folder_.path();
    if (handler == "script.php") options.environment["PHORK_PREBOOT"] = "hooks.php";
    return options;
  }

 private:
  testing::ScratchFolder folder_;
};

template <typename Case>
void for_each_strategy(const std::string& handler, Case&& run) {
  const Hooked hooked;
  for (const std::string& strategy : testing::all_strategies()) {
    INFO("strategy " << strategy);
    run(hooked.options(handler, strategy));
  }
}

// Of a process that boots for more than one event, and keeps what they change.
bool keeps(const RuntimeOptions& options) {
  return !testing::isolates(options.strategy);
}

RuntimeOptions failing(RuntimeOptions options, const std::string& hook, const char* how) {
  options.environment["HOOK"] = hook;
  options.environment["HOW"] = how;
  return options;
}

emulator::EventResult invoke(Runtime& runtime, const std::string& id, const std::string& payload) {
  emulator::Event event;
  event.request_id = id;
  event.payload = payload;
  return runtime.invoke(event);
}

}  // namespace

TEST_SUITE("hooks") {
  TEST_CASE("hooks before an event run in order, those after it run in reverse") {
    for_each_strategy("handler.php", [](const RuntimeOptions& options) {
      Runtime runtime(options);
      const auto result = invoke(runtime, "id-1", "{}");
      CHECK(result.body ==
            R"(["boot-first","boot-second","beforeEvent-first","beforeEvent-second"])");
      CHECK_FALSE(invoke(runtime, "id-2", R"({"fails":1})").answered());
      const std::string log = runtime.output_when_idle();
      const std::size_t before = log.find("hook beforeEvent-first of id-1\n");
      const std::size_t second = log.find("hook afterEvent-second of id-1 went well\n");
      const std::size_t first = log.find("hook afterEvent-first of id-1 went well\n");
      CHECK(before < second);
      CHECK(second < first);
      CHECK(first != std::string::npos);
      CHECK(contains(log, "hook afterEvent-first of id-2 failed\n"));
      if (keeps(options)) CHECK(count(log, "hook boot-first\n") == 1);
    });
  }

  TEST_CASE("a hook before an event that fails in any way is the answer") {
    for_each_strategy("handler.php", [](const RuntimeOptions& options) {
      for (const char* how : {"throws", "exits", "breaks"}) {
        INFO(how);
        Runtime runtime(failing(options, "beforeEvent-first", how));
        for (int event = 0; event < 2; ++event) {
          const auto result = runtime.invoke("{}");
          CHECK_FALSE(result.answered());
          if (std::string(how) == "throws") {
            CHECK(contains(result.body, "DomainException"));
            CHECK(contains(result.body, "a hook of Phork\\\\onBeforeEvent ("));
            CHECK(contains(result.body, "failed: no database"));
          } else if (options.strategy != "fpm") {
            CHECK(contains(result.body, "a hook of Phork\\\\onBeforeEvent failed: "));
          }
        }
        CHECK_FALSE(contains(runtime.output_when_idle(), "beforeEvent-second"));
      }
    });
  }

  TEST_CASE("a hook after an event that fails is logged, and changes no answer") {
    for_each_strategy("handler.php", [](const RuntimeOptions& options) {
      Runtime runtime(failing(options, "afterEvent-second", "throws"));
      for (int event = 0; event < 2; ++event) CHECK(runtime.invoke("{}").answered());
      const std::string log = runtime.output_when_idle();
      CHECK(contains(log, "a hook of Phork\\onAfterEvent ("));
      CHECK(contains(log, "failed: no database"));
      CHECK(count(log, "hook afterEvent-first") == 2);
    });
  }

  TEST_CASE("an event that runs out of memory has its shutdown functions and its hooks") {
    for_each_strategy("handler.php", [](const RuntimeOptions& options) {
      Runtime runtime(options);
      for (const char* id : {"id-1", "id-2"}) {
        CHECK_FALSE(invoke(runtime, id, R"({"fills":1})").answered());
      }
      const std::string log = runtime.output_when_idle();
      CHECK_MESSAGE(count(log, "shut down\n") == 2, log);
      CHECK_MESSAGE(contains(log, "hook afterEvent-first of id-2 failed\n"), log);
      CHECK_FALSE(contains(log, "Couldn't execute"));
    });
  }

  TEST_CASE("a hook after an event that ends PHP's code ends no more than that") {
    for_each_strategy("handler.php", [](const RuntimeOptions& options) {
      if (options.strategy == "fpm") return;
      Runtime runtime(failing(options, "afterEvent-second", "exits"));
      for (int event = 0; event < 2; ++event) CHECK(runtime.invoke("{}").answered());
      CHECK(contains(runtime.output_when_idle(),
                     "a hook of Phork\\onAfterEvent failed: it called exit(3)"));
    });
  }

  TEST_CASE("a crash after the answer costs no event, and the log tells of it") {
    for_each_strategy("handler.php", [](const RuntimeOptions& options) {
      if (options.strategy == "fpm") return;  // hooks run before the answer there
      Runtime runtime(failing(options, "afterEvent-second", "crashes"));
      for (const char* id : {"id-1", "id-2"}) CHECK(invoke(runtime, id, "{}").answered());
      CHECK(testing::eventually([&runtime] {
        return contains(runtime.output(),
                        "killed by signal 6 (Aborted) after its answer, "
                        "and what it still had to do is lost; request_id=id-2");
      }));
    });
  }

  TEST_CASE("a script's hooks are those of its preboot file") {
    for_each_strategy("script.php", [](const RuntimeOptions& options) {
      if (options.strategy == "fpm") return;
      Runtime runtime(options);
      const auto good = invoke(runtime, "id-1", testing::http_event("/"));
      CHECK(contains(good.body, "boot-first boot-second beforeEvent-first beforeEvent-second"));
      CHECK_FALSE(contains(good.body, "hook "));
      invoke(runtime, "id-2", testing::http_event("/?status=503"));
      const std::string log = runtime.output_when_idle();
      CHECK(contains(log, "hook beforeEvent-first of id-1\n"));
      CHECK(contains(log, "hook afterEvent-first of id-1 went well\n"));
      CHECK(contains(log, "hook afterEvent-first of id-2 failed\n"));
      Runtime refusing(failing(options, "beforeEvent-second", "throws"));
      CHECK(Json(refusing.invoke(testing::http_event("/")).body).integer("statusCode") == 500);
      CHECK(contains(refusing.output_when_idle(), "a hook of Phork\\onBeforeEvent ("));
    });
  }

  TEST_CASE("under strategy fpm a script has no such hooks, and the log says so") {
    const Hooked hooked;
    Runtime runtime(hooked.options("script.php", "fpm"));
    CHECK(contains(runtime.invoke(testing::http_event("/")).body, R"("statusCode":200)"));
    CHECK(contains(runtime.output_when_idle(),
                   "hooks of a script have no effect under strategy fpm"));
  }

  TEST_CASE("a hook of the boot that fails in any way fails the boot") {
    for_each_strategy("handler.php", [](const RuntimeOptions& options) {
      // It boots within its first event.
      if (options.strategy == "exec") return;
      const std::string thrown = testing::init_error_of(failing(options, "boot-second", "throws"));
      CHECK(contains(thrown, "DomainException"));
      CHECK(contains(thrown, "a hook of Phork\\\\onBoot ("));
      if (options.strategy == "fpm") return;
      CHECK(contains(testing::init_error_of(failing(options, "boot-second", "exits")),
                     "a hook of Phork\\\\onBoot failed: it called exit(3)"));
    });
  }

  TEST_CASE("hooks of shutdown run where a booted process waits when the environment ends") {
    for (const char* handler : {"handler.php", "script.php"}) {
      for_each_strategy(handler, [](const RuntimeOptions& options) {
        const bool waits = options.strategy != "exec" && options.strategy != "fpm";
        Runtime runtime(failing(options, "shutdown-second", "throws"));
        runtime.settled();
        runtime.process().signal(SIGTERM);
        runtime.process().wait_exit();
        const std::string log = runtime.output();
        CHECK(contains(log, "hook shutdown-first\n") == waits);
        CHECK(contains(log, "a hook of Phork\\onShutdown (") == waits);
      });
    }
  }
}
