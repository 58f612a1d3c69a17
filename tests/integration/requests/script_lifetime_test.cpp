// SPDX-License-Identifier: MIT
//
// What a script has of the boot before it, and what many of its events leave: real bootstrap, real
// PHP, every strategy.
#include <csignal>
#include <fstream>
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
constexpr std::size_t kMostGrowthKb = testing::kAddressSanitizer ? 262'144 : 2'048;

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

std::size_t resident_kb(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  }
  return 0;
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
        CHECK(told.integer("reporting") == 32767);
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
      // To boot is a request of its own for php-fpm.
      const std::string boot = strategy == "fpm" ? "shutdown\n" : "";
      CHECK(scratch.read("shutdowns") == boot + "shutdown\nshutdown\nshutdown\nshutdown\n");
    }
  }

  TEST_CASE("a script is the first of the included files, as on any server") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm") continue;  // php-fpm names auto_prepend_file first, which is ours
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
      const auto is_idle = [&] {
        const testing::Descendants below = testing::descendants(runtime.pid());
        return below.zombies == 0 && below.live == testing::idle_processes(strategy) &&
               runtime.idle();
      };
      for (int event = 0; event < 20; ++event) ask(runtime, "/");
      REQUIRE(testing::eventually(is_idle));
      const int descriptors = testing::open_descriptors(runtime.pid());
      const std::size_t memory = resident_kb(runtime.pid());
      const bool boots = strategy == "exec" || strategy == "prespawn";
      const unsigned events = testing::event_count(boots ? 50 : 500);
      for (unsigned event = 0; event < events; ++event) ask(runtime, "/?name=x");
      CHECK(testing::eventually(is_idle));
      CHECK(testing::open_descriptors(runtime.pid()) == descriptors);
      CHECK(resident_kb(runtime.pid()) < memory + kMostGrowthKb);
      MESSAGE(strategy, ": ", memory, " -> ", resident_kb(runtime.pid()), " KB");
    }
  }

  TEST_CASE("data behind __halt_compiler, and a first line for shells, are php-fpm's affair") {
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

  TEST_CASE("SIGTERM amid a stream lets it come to its end") {
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

  TEST_CASE("what is streamed can be rehearsed, and the rehearsal goes nowhere") {
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

  TEST_CASE("headers of half a megabyte and of any bytes go before a stream") {
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

  TEST_CASE("a handler is the entry of every request, whatever PHORK_ROUTE says") {
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
      if (strategy == "inprocess") continue;  // nobody is left to end its process
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
