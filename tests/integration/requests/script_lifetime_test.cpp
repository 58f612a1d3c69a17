// SPDX-License-Identifier: MIT
//
// The state of the boot that each event of a script finds, and the leaks that many events must not
// have: real bootstrap, real PHP, every strategy.
#include <csignal>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/json.h"
#include "tests/support/sanitizer.h"
#include "tests/support/stream_runtime.h"

namespace {

using namespace phork;
using emulator::HttpReply;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

// The address sanitizer holds on to freed memory, by default up to 256 MB.
constexpr long kMostGrowthKb = testing::kAddressSanitizer ? 262'144 : 2'048;

RuntimeOptions options_of(const std::string& strategy, const std::string& handler) {
  RuntimeOptions options;
  options.task_root = testing::source_path("tests/fixtures/scripts");
  options.handler = handler;
  options.strategy = strategy;
  return options;
}

HttpReply ask(Runtime& runtime, const std::string& target) {
  const auto result = runtime.invoke(testing::http_event(target));
  REQUIRE_MESSAGE(result.answered(), target << ": " << result.body << "\n" << runtime.output());
  return testing::http_reply(result);
}

}  // namespace

TEST_SUITE("lifetime of scripts") {
  TEST_CASE("settings and handlers of PHORK_PREBOOT are in force in each event") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const ScratchFolder scratch;
      RuntimeOptions options = options_of(strategy, "settings.php");
      options.environment = {{"PHORK_PREBOOT", "parts/settings.php"},
                             {"PHORK_TEST_FILE", scratch.file("shutdowns")}};
      Runtime runtime(options);
      for (int event = 1; event <= 3; ++event) {
        const Json told(ask(runtime, "/").body);
        CHECK(told.text("precision") == "7");
        CHECK(told.text("memory") == "77M");
        CHECK(told.text("timezone") == "Europe/Paris");
        CHECK(told.text("encoding") == "ISO-8859-1");
        CHECK(told.text("path") == "included");
        CHECK(told.integer("reporting") == 2);  // E_WARNING
        CHECK(told.raw("handled") == R"(["Undefined variable $undefined"])");
        CHECK(told.text("loaded") == "the boot");
        CHECK(told.boolean("booted"));
        CHECK(told.raw("variable") == "\"put\"");
        CHECK(told.integer("used") == 1);
      }
      const HttpReply thrown = ask(runtime, "/?throw=1");
      CHECK(thrown.status == 418);
      CHECK(thrown.body == "handler of the boot: caught");
      REQUIRE(testing::eventually([&] { return runtime.idle(); }));
      // php-fpm boots in a separate request, and a zygote boots once for all events.
      const std::string boot = strategy == "fpm" ? "shutdown\n" : "";
      const bool forks = strategy == "fork" || strategy == "rollback";
      const std::string events = forks ? "" : "shutdown\nshutdown\nshutdown\nshutdown\n";
      CHECK(scratch.read("shutdowns") == boot + events);
      if (!forks) continue;
      runtime.process().signal(SIGTERM);
      runtime.process().wait_exit();
      CHECK(scratch.read("shutdowns") == "shutdown\n");
    }
  }

  TEST_CASE("a script is the first included file, as on any server") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm") continue;  // there the first is our own auto_prepend_file
      CAPTURE(strategy);
      const ScratchFolder scratch;
      scratch.write("index.php",
                    "<?php echo get_included_files()[0] === __FILE__ ? 'first' : 'not first';");
      RuntimeOptions options = options_of(strategy, "index.php");
      options.task_root = scratch.path();
      Runtime runtime(options);
      CHECK(ask(runtime, "/").body == "first");
      CHECK(ask(runtime, "/").body == "first");
    }
  }

  TEST_CASE("many events of a script leave no descriptor, no process and no memory") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_of(strategy, "index.php"));
      for (int event = 0; event < 20; ++event) ask(runtime, "/");
      runtime.settled();
      const int descriptors = testing::open_descriptors(runtime.pid());
      const long memory = testing::memory_kb(runtime.pid(), "VmRSS");
      const bool boots = strategy == "exec" || strategy == "prespawn";
      const unsigned events = testing::event_count(boots ? 50 : 500);
      for (unsigned event = 0; event < events; ++event) ask(runtime, "/?name=x");
      runtime.settled();
      CHECK(testing::open_descriptors(runtime.pid()) == descriptors);
      const long after = testing::memory_kb(runtime.pid(), "VmRSS");
      CHECK(after < memory + kMostGrowthKb);
      MESSAGE(strategy, ": ", memory, " -> ", after, " KB");
    }
  }

  TEST_CASE("data behind __halt_compiler and a #! line are treated as php-fpm treats them") {
    const ScratchFolder scratch;
    scratch.write("index.php",
                  "#!/usr/bin/env php\n<?php $file = fopen(__FILE__, 'r');"
                  "fseek($file, __COMPILER_HALT_OFFSET__); echo trim(fgets($file));"
                  "__halt_compiler();data behind\n");
    std::string reference;
    for (const std::string strategy : {"fpm", "inprocess", "exec", "prespawn", "fork"}) {
      CAPTURE(strategy);
      RuntimeOptions options = options_of(strategy, "index.php");
      options.task_root = scratch.path();
      Runtime runtime(options);
      for (int event = 0; event < 2; ++event) {
        const std::string body = ask(runtime, "/").body;
        if (reference.empty()) reference = body;
        CHECK(body == reference);
        CHECK(body.ends_with("data behind"));
      }
    }
  }

  TEST_CASE("SIGTERM during a stream lets the stream end first") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      testing::StreamRuntime runtime(strategy);
      testing::StreamCall call(*runtime, runtime.event("gate"));
      REQUIRE(call.has("first "));
      runtime->process().signal(SIGTERM);
      runtime.open_gate();
      CHECK(call.reply().body == "first second");
      CHECK_MESSAGE(runtime->process().wait_exit().clean(), runtime->output());
    }
  }

  TEST_CASE("a stream can be rehearsed, and the rehearsal reaches no caller") {
    const ScratchFolder scratch;
    const std::string event = scratch.write("event.json", R"({"do":"generator"})");
    for (const std::string strategy : {"inprocess", "prespawn", "fork"}) {
      CAPTURE(strategy);
      {
        testing::StreamRuntime runtime(strategy, "stream_handler.php", {{"PHORK_WARMUP", event}});
        testing::StreamCall call(*runtime, R"({"do":"generator"})");
        CHECK_MESSAGE(call.result().answered(), runtime->output());
        CHECK(call.bytes() == "one 2 three");
      }
      testing::StreamRuntime runtime(strategy, "stream.php",
                                     {{"PHORK_WARMUP", "GET /?do=bytes&count=3000000"}});
      CHECK(runtime.serves_on());
    }
  }

  TEST_CASE("half a megabyte of headers, of any bytes, goes before a stream") {
    const ScratchFolder scratch;
    scratch.write("index.php",
                  "<?php for ($i = 0; $i < 500; ++$i) header(\"X-$i: \" . str_repeat('v', 1000));"
                  "header(\"X-Latin: caf\\xe9\"); echo 'body';");
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = options_of(strategy, "index.php");
      options.task_root = scratch.path();
      options.environment["PHORK_RESPONSE"] = "stream";
      Runtime runtime(options);
      testing::StreamCall call(runtime, testing::http_event("/"));
      const HttpReply reply = call.reply();
      CHECK(reply.body == "body");
      CHECK(testing::header_values(reply.headers, "x-499").size() == 1);
      CHECK(testing::header_values(reply.headers, "x-latin").size() == 1);
    }
  }

  TEST_CASE("a handler is the entry of every request, even with PHORK_ROUTE=files") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = options_of(strategy, "kernel.php");
      options.task_root = testing::source_path("tests/fixtures/handlers");
      options.environment["PHORK_ROUTE"] = "files";
      Runtime runtime(options);
      const Json told(ask(runtime, "/echo.php/x").body);
      CHECK(told.text("server.SCRIPT_NAME") == "/kernel.php");
      CHECK(told.text("server.SCRIPT_FILENAME").ends_with("/kernel.php"));
      CHECK(told.text("server.PHP_SELF") == "/kernel.php");
      CHECK(told.text("server.REQUEST_URI") == "/echo.php/x");
    }
  }

  TEST_CASE("a shutdown function that does not end is a 504 too, and the next event is served") {
    const ScratchFolder scratch;
    scratch.write("index.php",
                  "<?php if (isset($_GET['loop'])) register_shutdown_function(function () {"
                  "while (true) usleep(500); }); echo 'sent';");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = options_of(strategy, "index.php");
      options.task_root = scratch.path();
      options.timeout = std::chrono::milliseconds(1500);
      options.environment["PHORK_DEADLINE_MARGIN_MS"] = "600";
      Runtime runtime(options);
      CHECK(ask(runtime, "/?loop=1").status == 504);
      CHECK(ask(runtime, "/").body == "sent");
    }
  }
}
