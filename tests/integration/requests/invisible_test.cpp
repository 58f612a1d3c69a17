// SPDX-License-Identifier: MIT
//
// An application does not notice phork in what PHP tells about itself: a script finds what it finds
// under php-fpm. Real bootstrap, real PHP, every strategy, beside nginx and php-fpm.
#include <string>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/http_event.h"
#include "tests/support/json.h"
#include "tests/support/reference_server.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::Json;
using testing::ReferenceServer;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

// Numbers of streams depend on what opcache has, which a new process has not.
constexpr const char* kWithoutCache = "opcache.enable=0\n";

// fpm_get_status() is php-fpm's own; pcntl, which has a class since PHP 8.4, and chroot() are not
// in Debian's php-fpm; the hooks of phork are documented.
constexpr const char* kTell =
    "class Tells {}\n"
    "function tell(): array {\n"
    "    $file = fopen(__FILE__, 'r');\n"
    "    $first = new Tells();\n"
    "    $ids = [spl_object_id($first), spl_object_id(new Tells()), get_resource_id($file)];\n"
    "    $functions = preg_grep('/^phork.on(boot|seal|fork|snapshot|restore|shutdown)$'\n"
    "        . '|^phork.on(before|after)event$'\n"
    "        . '|^(fpm_get_status|chroot)$|^pcntl_/',\n"
    "        array_merge(...array_values(get_defined_functions())), PREG_GREP_INVERT);\n"
    "    sort($functions);\n"
    "    return [\n"
    "        'ids' => $ids,\n"
    "        'autoloaders' => implode(',', spl_autoload_functions()),\n"
    "        'included' => array_map(basename(...), get_included_files()),\n"
    "        'classes' => array_values(\n"
    "            preg_grep('/^Pcntl/', get_declared_classes(), PREG_GREP_INVERT)),\n"
    "        'interfaces' => get_declared_interfaces(),\n"
    "        'traits' => get_declared_traits(),\n"
    "        'functions' => $functions,\n"
    "        'constants' => array_keys(get_defined_constants(true)['user'] ?? []),\n"
    "        'globals' => array_keys($GLOBALS),\n"
    "        'trace' => count(debug_backtrace()),\n"
    "        'wrappers' => stream_get_wrappers(),\n"
    "    ];\n"
    "}\n";

class Scene {
 public:
  explicit Scene(const std::string& entry, const std::string& preboot = "") {
    folder_.write("app/index.php", "<?php\n" + (kTell + entry));
    folder_.write("ini/cache.ini", kWithoutCache);
    if (!preboot.empty()) folder_.write("app/preboot.php", preboot);
  }

  RuntimeOptions options(const std::string& strategy) const {
    RuntimeOptions options;
    options.task_root = folder_.file("app");
    options.handler = "index.php";
    options.strategy = strategy;
    options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(folder_.file("ini"));
    if (folder_.has("app/preboot.php")) options.environment["PHORK_PREBOOT"] = "preboot.php";
    return options;
  }

  // The answer of php-fpm.
  Json reference() const {
    testing::ReferenceOptions options;
    options.document_root = folder_.file("app");
    options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(folder_.file("ini"));
    if (folder_.has("app/preboot.php")) {
      options.ini["auto_prepend_file"] = folder_.file("app/preboot.php");
    }
    const ReferenceServer server(options);
    testing::HttpCall call;
    call.headers = {{"Host", "shop.example"}};
    return Json(server.call(call).body);
  }

 private:
  ScratchFolder folder_;
};

void check_as_reference(const Scene& scene) {
  REQUIRE_MESSAGE(ReferenceServer::missing_programs().empty(),
                  "not installed: " << ReferenceServer::missing_programs());
  const Json expected = scene.reference();
  for (const std::string& strategy : testing::all_strategies()) {
    CAPTURE(strategy);
    Runtime runtime(scene.options(strategy));
    for (int event = 0; event < 2; ++event) {
      const auto result = runtime.invoke(testing::http_event("/"));
      REQUIRE_MESSAGE(result.answered(), result.body << "\n" << runtime.output());
      const Json told(testing::http_reply(result).body);
      for (const std::string fact : {"ids.0", "ids.1", "autoloaders", "classes", "interfaces",
                                     "traits", "functions", "constants", "trace", "wrappers"}) {
        CAPTURE(fact);
        CHECK(told.raw(fact) == expected.raw(fact));
      }
      // Under fpm our own file is included before the script, and is a stream while PHP reads it.
      if (strategy == "fpm") continue;
      CHECK(told.raw("ids") == expected.raw("ids"));
      CHECK(told.raw("included") == expected.raw("included"));
    }
  }
}

}  // namespace

TEST_SUITE("what an application sees of phork") {
  TEST_CASE("a script finds the classes, numbers and files that it finds under php-fpm") {
    check_as_reference(Scene("echo json_encode(tell());\n"));
  }

  TEST_CASE("objects and an autoloader of PHORK_PREBOOT have the numbers that php-fpm gives them") {
    check_as_reference(Scene("echo json_encode(tell());\n",
                             "<?php\n"
                             "class Boots {}\n"
                             "function find_class(string $class): void {}\n"
                             "$boots = [new Boots(), new Boots(), fopen(__FILE__, 'r')];\n"
                             "unset($boots[1]);\n"
                             "spl_autoload_register('find_class');\n"));
  }

  TEST_CASE("a handler finds no autoloader and no file of phork's library") {
    const Scene scene("return fn () => tell();\n");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(scene.options(strategy));
      for (int event = 0; event < 2; ++event) {
        const Json told = answer_of(runtime);
        CHECK(told.text("autoloaders").empty());
        CHECK(told.raw("constants") == "[]");
        if (strategy != "fpm") CHECK(told.raw("included") == R"(["index.php"])");
      }
    }
  }

  TEST_CASE("a copy of phork in the application's vendor folder is not mixed in") {
    const Scene scene(
        "spl_autoload_register(function (string $class): void {\n"
        "    if (str_starts_with($class, 'Phork')) throw new Error(\"asked for $class\");\n"
        "}, true, true);\n"
        "return fn ($event, Phork\\Context $context) => ['id' => $context->requestId !== ''];\n");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(scene.options(strategy));
      CHECK(answer_of(runtime).boolean("id"));
    }
  }
}
