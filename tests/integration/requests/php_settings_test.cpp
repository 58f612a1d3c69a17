// SPDX-License-Identifier: MIT
//
// The settings of the user's php.ini have under every strategy the effect that they have under
// php-fpm. docs/settings.md lists the exceptions. Real bootstrap, real PHP.
#include <string>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/http_event.h"
#include "tests/support/json.h"
#include "tests/support/reference_server.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::Json;
using testing::ReferenceServer;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

class Scene {
 public:
  Scene(const std::string& entry, const std::string& ini) {
    folder_.write("app/index.php", entry);
    folder_.write("ini/user.ini", ini);
  }

  std::string app() const { return folder_.file("app"); }

  std::string ini() const { return folder_.file("ini"); }

  void set(const std::string& ini) const { folder_.write("ini/user.ini", ini); }

  RuntimeOptions options(const std::string& strategy) const {
    RuntimeOptions options;
    options.task_root = app();
    options.handler = "index.php";
    options.strategy = strategy;
    options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(ini());
    // A limit on the processor's time may take long on a machine with other work.
    options.timeout = std::chrono::minutes(2);
    return options;
  }

  std::string reference(const std::string& target) const {
    REQUIRE_MESSAGE(ReferenceServer::missing_programs().empty(),
                    "not installed: " << ReferenceServer::missing_programs());
    testing::ReferenceOptions options;
    options.document_root = app();
    options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(ini());
    const ReferenceServer server(options);
    testing::HttpCall call;
    call.target = target;
    call.headers = {{"Host", "shop.example"}};
    return server.call(call).body;
  }

 private:
  ScratchFolder folder_;
};

std::string ask(Runtime& runtime, const std::string& target = "/") {
  const auto result = runtime.invoke(testing::http_event(target));
  REQUIRE_MESSAGE(result.answered(), result.body << "\n" << runtime.output());
  return testing::http_reply(result).body;
}

// The same answer as php-fpm's, twice.
void check_as_reference(const Scene& scene, const std::string& target = "/") {
  const std::string expected = scene.reference(target);
  for (const std::string& strategy : testing::all_strategies()) {
    CAPTURE(strategy);
    Runtime runtime(scene.options(strategy));
    for (int event = 0; event < 2; ++event) CHECK(ask(runtime, target) == expected);
  }
}

}  // namespace

TEST_SUITE("settings of PHP") {
  TEST_CASE("php.ini's values are those of php-fpm, but for the documented ones") {
    check_as_reference(
        Scene("<?php\n"
              "$all = ini_get_all(null, false);\n"
              "foreach (['auto_globals_jit', 'auto_prepend_file', 'realpath_cache_ttl',\n"
              "    'opcache.max_accelerated_files', 'opcache.interned_strings_buffer',\n"
              "    'opcache.force_restart_timeout', 'opcache.lockfile_path'] as $name) {\n"
              "    unset($all[$name]);\n"
              "}\n"
              "$names = preg_grep('/^(cgi|fastcgi|fpm)\\./', array_keys($all), PREG_GREP_INVERT);\n"
              "echo json_encode(array_intersect_key($all, array_flip($names)), JSON_PRETTY_PRINT);",
              "max_execution_time=77\nmax_input_time=78\nhtml_errors=0\ndisplay_errors=0\n"
              "implicit_flush=1\nregister_argc_argv=1\nvariables_order=GPCS\nlog_errors=0\n"
              "error_reporting=4096\ndocref_root=/manual/\n"));
  }

  TEST_CASE("errors are displayed, and phpinfo() is written, as under php-fpm") {
    const std::string entry =
        "<?php\n"
        "echo strtok(str_contains($_SERVER['QUERY_STRING'], 'info') ? info() : '', '>');\n"
        "function info(): string { ob_start(); phpinfo(INFO_LICENSE); return ob_get_clean(); }\n"
        "echo $undefined, hex2bin('<x>'), implode(',', $_SERVER['argv'] ?? ['none']);\n";
    const Scene scene(entry, "display_errors=1\n");
    check_as_reference(scene);
    check_as_reference(scene, "/?info");
    CHECK(contains(scene.reference("/?info"), "<!DOCTYPE html"));
    CHECK(contains(scene.reference("/"), "<b>Warning</b>"));
    scene.set("display_errors=1\nhtml_errors=0\nregister_argc_argv=1\n");
    check_as_reference(scene, "/?one+two");
    CHECK_FALSE(contains(scene.reference("/"), "<b>"));
  }

  TEST_CASE("what a handler displays is text for the log") {
    const Scene scene("<?php return function () { echo $undefined; phpinfo(INFO_LICENSE); };\n",
                      "display_errors=1\n");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(scene.options(strategy));
      REQUIRE(runtime.invoke("{}").answered());
      const std::string output = runtime.output_when_idle();
      CHECK(contains(output, "Warning: Undefined variable $undefined in "));
      CHECK_FALSE(contains(output, "<b>"));
      CHECK((strategy == "fpm" || !contains(output, "<!DOCTYPE")));
    }
  }

  TEST_CASE("max_execution_time ends an event, and the next one has its own") {
    const std::string text = "Maximum execution time of 1 second exceeded";
    const Scene scene("<?php return function ($event) { while ($event['loops']); return 'ok'; };\n",
                      "max_execution_time=1\n");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(scene.options(strategy));
      for (int event = 0; event < 2; ++event) {
        const auto result = runtime.invoke(R"({"loops":true})");
        CHECK(result.error_type == "Runtime.PhpFatal");
        CHECK_MESSAGE(contains(result.body, text), result.body);
        CHECK(runtime.invoke(R"({"loops":false})").body == R"("ok")");
      }
    }
  }

  TEST_CASE(
      "boot does not count for max_execution_time, and set_time_limit() counts for its event") {
    const Scene scene(
        "<?php\n"
        "for ($end = getrusage()['ru_utime.tv_sec'] + 2; getrusage()['ru_utime.tv_sec'] < $end;);\n"
        "return function ($event) {\n"
        "    if ($event['limit']) { set_time_limit(1); while (true); }\n"
        "    return ini_get('max_execution_time');\n"
        "};\n",
        "max_execution_time=1\n");
    for (const std::string& strategy : testing::all_strategies()) {
      // They boot within the event.
      if (strategy == "exec" || strategy == "fpm") continue;
      CAPTURE(strategy);
      Runtime runtime(scene.options(strategy));
      CHECK(runtime.invoke(R"({"limit":false})").body == R"("1")");
      CHECK(runtime.invoke(R"({"limit":true})").error_type == "Runtime.PhpFatal");
      CHECK(runtime.invoke(R"({"limit":false})").body == R"("1")");
    }
  }

  TEST_CASE("open_basedir keeps the application in its folder, and phork works") {
    const std::string tell =
        "function tell(): array { return ['dir' => ini_get('open_basedir'),\n"
        "    'own' => is_file(__FILE__), 'other' => @file_get_contents('/etc/hostname')]; }\n";
    for (const char* entry : {"return fn ($event, Phork\\Context $context) => tell();\n",
                              "echo json_encode(tell());\n"}) {
      const bool handler = std::string(entry).starts_with("return");
      const Scene scene("<?php\n" + (tell + entry), "");
      scene.set("open_basedir=" + scene.app() + ":" + scene.ini() + "\n");
      for (const std::string& strategy : testing::all_strategies()) {
        CAPTURE(strategy);
        Runtime runtime(scene.options(strategy));
        for (int event = 0; event < 2; ++event) {
          const Json told = handler ? answer_of(runtime) : Json(ask(runtime));
          CHECK(told.text("dir") == scene.app() + ":" + scene.ini());
          CHECK(told.boolean("own"));
          CHECK_FALSE(told.boolean("other"));
        }
      }
    }
  }

  TEST_CASE("disabled functions and a default filter do not reach phork's own code") {
    const std::string ini =
        "disable_functions=putenv,getmypid,posix_getpid,ini_set,error_log,spl_autoload_register,"
        "spl_autoload_functions,set_time_limit,exec,shell_exec,proc_open\n"
        "filter.default=special_chars\n";
    const Scene handler(
        "<?php return fn ($event, Phork\\Context $context) =>\n"
        "    ['name' => $event['name'], 'trace' => $context->traceId !== ''];\n",
        ini);
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(handler.options(strategy));
      const Json told = answer_of(runtime, R"({"name":"<\"&>"})");
      CHECK(told.text("name") == "<\"&>");
      CHECK(told.boolean("trace"));
    }
    check_as_reference(Scene("<?php echo json_encode([$_GET, $_SERVER['QUERY_STRING'],\n"
                             "    getenv('QUERY_STRING'), function_exists('putenv')]);\n",
                             ini),
                       "/?a=%3C%22%26%3E&b='x'");
  }
}
