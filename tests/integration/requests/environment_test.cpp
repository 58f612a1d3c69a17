// SPDX-License-Identifier: MIT
//
// The environment of an event as PHP shows it: the trace header of the event, and what the
// application's boot put into $_ENV and $_SERVER. Real bootstrap, real PHP, every strategy.
#include <map>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/http_event.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

// Tells where PHP shows the trace header, and leaves a value for the next event.
constexpr const char* kTellTrace =
    "function tell(): array {\n"
    "    $name = '_X_AMZN_TRACE_ID';\n"
    "    $told = [\n"
    "        'getenv' => getenv($name), 'real' => getenv($name, true),\n"
    "        'env' => $_ENV[$name] ?? false, 'server' => $_SERVER[$name] ?? false,\n"
    "        'program' => trim((string) shell_exec('echo ${_X_AMZN_TRACE_ID-false}')),\n"
    "    ];\n"
    "    putenv(\"$name=planted\");\n"
    "    $_ENV[$name] = $_SERVER[$name] = 'planted';\n"
    "    return $told;\n"
    "}\n";

// The work of Dotenv, and more: entries that are new, changed and removed.
constexpr const char* kDotenv =
    "<?php\n"
    "$_ENV['ADDED'] = $_SERVER['ADDED'] = 'by boot';\n"
    "$_ENV['OF_LAMBDA'] = $_SERVER['OF_LAMBDA'] = 'changed by boot';\n"
    "$_ENV['LIST'] = $_SERVER['LIST'] = ['a' => [1, 2]];\n"
    "$_ENV[7] = $_SERVER[7] = 'seven';\n"
    "$_ENV['SHARED'] = &$GLOBALS['shared'];\n"
    "$GLOBALS['shared'] = 'shared';\n"
    "unset($_ENV['SECRET'], $_SERVER['SECRET']);\n"
    "$_SERVER['HTTP_X_FROM'] = 'boot';\n";

constexpr const char* kTellVariables =
    "function tell(): array {\n"
    "    $names = ['ADDED', 'OF_LAMBDA', 'LIST', 7, 'SHARED', 'SECRET', 'PLAIN', 'HTTP_X_FROM'];\n"
    "    $told = ['env' => [], 'server' => []];\n"
    "    foreach ($names as $name) {\n"
    "        $told['env'][$name] = $_ENV[$name] ?? null;\n"
    "        $told['server'][$name] = $_SERVER[$name] ?? null;\n"
    "    }\n"
    "    $_ENV['ADDED'] = $_SERVER['ADDED'] = 'by an event';\n"
    "    $_ENV['LIST']['a'][] = $_SERVER['LIST']['a'][] = 3;\n"
    "    $_ENV['SHARED'] = $_ENV['SECRET'] = $_SERVER['SECRET'] = 'of an event';\n"
    "    unset($_ENV['OF_LAMBDA'], $_SERVER['OF_LAMBDA'], $_ENV[7]);\n"
    "    return $told;\n"
    "}\n";

// A Symfony kernel is served as any HTTP entry is; this one has no framework.
constexpr const char* kKernel =
    "use Symfony\\Component\\HttpFoundation\\{Request, Response};\n"
    "return new class () implements Symfony\\Component\\HttpKernel\\HttpKernelInterface {\n"
    "    public function handle(Request $request, int $type = 1, bool $catch = true): Response {\n"
    "        return new Response(json_encode(tell()));\n"
    "    }\n"
    "};\n";

class Scene {
 public:
  Scene(const std::string& entry, const std::string& strategy) {
    folder_.write("app/index.php", entry);
    folder_.write("ini/order.ini", "variables_order=EGPCS\n");
    options_.task_root = folder_.file("app");
    options_.handler = "index.php";
    options_.strategy = strategy;
    options_.environment = {{"PHP_INI_SCAN_DIR", testing::scan_also(folder_.file("ini"))},
                            {"OF_LAMBDA", "of Lambda"},
                            {"SECRET", "of Lambda"},
                            {"PLAIN", "of Lambda"}};
  }

  void preboot(const std::string& text) {
    folder_.write("app/preboot.php", text);
    options_.environment["PHORK_PREBOOT"] = "preboot.php";
  }

  const RuntimeOptions& options() const { return options_; }

 private:
  ScratchFolder folder_;
  RuntimeOptions options_;
};

std::string http_event_from(const std::string& from) {
  testing::HttpCall call;
  if (!from.empty()) call.headers.push_back({"X-From", from});
  return testing::http_event(call);
}

Json ask(Runtime& runtime, const std::string& payload, const std::string& trace_id) {
  emulator::Event event;
  event.payload = payload;
  event.trace_id = trace_id;
  const auto result = runtime.invoke(std::move(event));
  REQUIRE_MESSAGE(result.answered(), result.body << "\n" << runtime.output());
  return Json(payload == "{}" ? result.body : testing::http_reply(result).body);
}

void check_traces(const Scene& scene, const std::string& payload) {
  RuntimeOptions options = scene.options();
  options.environment["_X_AMZN_TRACE_ID"] = "of whoever has started bootstrap";
  Runtime runtime(options);
  const std::string id = "Root=1-5f2a0b3c-00000000000000000000000";
  for (const std::string& trace :
       {id + "1;Parent=0000000000000001;Sampled=1", id + "2;Sampled=0"}) {
    const Json told = ask(runtime, payload, trace);
    for (const char* place : {"getenv", "real", "env", "server", "program"}) {
      CAPTURE(place);
      CHECK(told.text(place) == trace);
    }
  }
  // An empty header is the same as none.
  const Json told = ask(runtime, payload, " ");
  for (const char* place : {"getenv", "real", "env", "server"}) {
    CAPTURE(place);
    CHECK_FALSE(told.boolean(place));
  }
  CHECK(told.text("program") == "false");
}

void check_variables(const Json& told, bool from_client) {
  for (const std::string array : {"env", "server"}) {
    CAPTURE(array);
    CHECK(told.text(array + ".ADDED") == "by boot");
    CHECK(told.text(array + ".OF_LAMBDA") == "changed by boot");
    CHECK(told.raw(array + ".LIST") == R"({"a":[1,2]})");
    CHECK(told.text(array + ".7") == "seven");
    CHECK(told.raw(array + ".SECRET") == "null");
    CHECK(told.text(array + ".PLAIN") == "of Lambda");
  }
  CHECK(told.text("env.SHARED") == "shared");
  CHECK(told.text("server.HTTP_X_FROM") == (from_client ? "client" : "boot"));
}

// Twice, because the first event changes what it finds.
void check_boot_variables(const Scene& scene, bool http) {
  Runtime runtime(scene.options());
  // Under fpm the boot runs after the request has come, so it overwrites the request.
  const bool boot_is_below = scene.options().strategy != "fpm";
  for (int event = 0; event < 2; ++event) {
    check_variables(ask(runtime, http ? http_event_from("") : "{}", ""), false);
    if (!http) continue;
    check_variables(ask(runtime, http_event_from("client"), ""), boot_is_below);
  }
}

}  // namespace

TEST_SUITE("environment of events") {
  TEST_CASE("a handler and its programs see the trace header of their event, and no other") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const std::string entry = std::string("<?php\n") + kTellTrace;
      check_traces(Scene(entry + "return fn () => tell();\n", strategy), "{}");
    }
  }

  TEST_CASE("a script and its programs see the trace header of their event, and no other") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const std::string entry = std::string("<?php\n") + kTellTrace;
      check_traces(Scene(entry + "echo json_encode(tell());\n", strategy), http_event_from(""));
    }
  }

  TEST_CASE("the gateway of phork serve passes a client's trace on") {
    const ScratchFolder folder;
    folder.write("index.php", "<?php echo getenv('_X_AMZN_TRACE_ID');");
    const testing::Served served(folder.path(), {"--strategy", "inprocess"});
    testing::HttpCall call;
    call.headers = {{"X-Amzn-Trace-Id", "Root=1-2-3;Parent=4;Sampled=1"}};
    CHECK(served.call(call).body == "Root=1-2-3;Parent=4;Sampled=1");
    call.headers = {{"X-Amzn-Trace-Id", "Self=1"}};
    CHECK(served.call(call).body.starts_with("Root=1-"));
  }

  TEST_CASE("what the boot of a handler put into $_ENV and $_SERVER is there for each event") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      check_boot_variables(
          Scene(std::string(kDotenv) + kTellVariables + "return fn () => tell();\n", strategy),
          false);
    }
  }

  TEST_CASE("what PHORK_PREBOOT put into $_ENV and $_SERVER is there for each script") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Scene scene(std::string("<?php\n") + kTellVariables + "echo json_encode(tell());\n",
                  strategy);
      scene.preboot(kDotenv);
      check_boot_variables(scene, true);
    }
  }

  TEST_CASE("a kernel that was returned finds in each request what its boot put there") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const std::string library =
          "require '" + testing::source_path("tests/fixtures/handlers/lib/symfony.php") + "';\n";
      Scene scene(std::string(kDotenv) + library + kTellVariables + kKernel, strategy);
      check_boot_variables(scene, true);
    }
  }

  TEST_CASE(
      "the time of the request is the event's own, not that of the boot or of another event") {
    const ScratchFolder folder;
    folder.write("index.php",
                 "<?php return fn (): array => [\n"
                 "    'begun' => (int) ($_SERVER['REQUEST_TIME_FLOAT'] * 1e6),\n"
                 "    'now' => (int) (microtime(true) * 1e6),\n"
                 "];");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options;
      options.task_root = folder.path();
      options.handler = "index.php";
      options.strategy = strategy;
      Runtime runtime(options);
      const std::int64_t end_of_first = answer_of(runtime).integer("now");
      CHECK(answer_of(runtime).integer("begun") >= end_of_first);
    }
  }

  TEST_CASE("the entry is the script of a handler's boot and of its events") {
    const ScratchFolder folder;
    const std::string file = folder.write("app/console.php",
                                          "<?php\n"
                                          "$told = fn () => [$_SERVER['SCRIPT_FILENAME'],\n"
                                          "    $_SERVER['SCRIPT_NAME'], $_SERVER['PHP_SELF']];\n"
                                          "$boot = $told();\n"
                                          "return function () use ($boot, $told): array {\n"
                                          "    $event = $told();\n"
                                          "    $_SERVER['PHP_SELF'] = 'changed';\n"
                                          "    return ['boot' => $boot, 'event' => $event];\n"
                                          "};\n");
    const std::string expected = R"([")" + file + R"(","/console.php","/console.php"])";
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options;
      options.task_root = folder.file("app");
      options.handler = "console.php";
      options.strategy = strategy;
      Runtime runtime(options);
      for (int event = 0; event < 2; ++event) {
        const Json told = answer_of(runtime);
        CHECK(told.raw("boot") == expected);
        CHECK(told.raw("event") == expected);
      }
    }
  }

  TEST_CASE("a boot that empties $_SERVER leaves the request alone") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm") continue;  // its boot empties the request, too
      CAPTURE(strategy);
      Scene scene(
          "<?php echo json_encode(['seen' => [$_SERVER['PLAIN'] ?? null,"
          " $_SERVER['HTTP_X_FROM'], is_int($_SERVER['REQUEST_TIME']), $_ENV['PLAIN']]]);",
          strategy);
      scene.preboot("<?php $_SERVER = []; $_ENV = 'nothing';");
      Runtime runtime(scene.options());
      CHECK(ask(runtime, http_event_from("client"), "").raw("seen") ==
            R"([null,"client",true,"of Lambda"])");
    }
  }
}
