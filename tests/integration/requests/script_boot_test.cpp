// SPDX-License-Identifier: MIT
//
// Scripts before their first event: whether an entry is a script, PHORK_PREBOOT, rehearsals, and
// which file a request runs. Real bootstrap, real PHP.
#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/http_event.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using emulator::HttpReply;
using testing::contains;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

using Variables = std::map<std::string, std::string>;

RuntimeOptions options_of(const std::string& root, const std::string& strategy,
                          Variables environment = {}) {
  RuntimeOptions options;
  options.task_root = root;
  options.handler = "index.php";
  options.strategy = strategy;
  options.environment = std::move(environment);
  return options;
}

HttpReply ask(Runtime& runtime, const std::string& target) {
  const auto result = runtime.invoke(testing::http_event(target));
  REQUIRE_MESSAGE(result.answered(), target << ": " << result.body << "\n" << runtime.output());
  return testing::http_reply(result);
}

// The text of an entry, and the kind that php-worker takes it for.
struct KindCase {
  std::string kind;
  std::string text;
};

const KindCase kKinds[] = {
    {"handler", "<?php return function ($event) { return 1; };"},
    {"handler", "<?php return static fn ($event) => 1;"},
    {"handler", "<?php return ['App', 'handle'];"},
    {"handler", "<?php return 'App\\\\handle';"},
    {"handler", "<?php return new ArrayObject();"},
    {"handler", "<?php return make();"},
    {"handler", "<?php return App::make();"},
    {"handler", "<?php return $app->boot();"},
    {"handler", "<?php return $app;"},
    {"handler", "<?php return require __DIR__ . '/app.php';"},
    {"handler", "<?php return handle(...);"},
    {"handler", "<?php return new class { public function __invoke() { return 1; } };"},
    {"handler", "<?php return App\\HANDLER;"},
    {"handler", "<?php return 1.5;"},
    {"handler", "<?php return PHP_SAPI ? null : fn () => 1;"},
    {"handler", "<?php if (PHP_SAPI) { return fn () => 1; }"},
    {"handler", "<?php if (PHP_SAPI): return fn () => 1; endif;"},
    {"handler", "<?php if (1) { echo 1; } elseif (2) { echo 2; } else { return fn () => 1; }"},
    {"handler", "<?php try { return fn () => 1; } finally { echo 1; }"},
    {"handler", "<?php switch (1) { default: return fn () => 1; }"},
    {"handler", "<?php namespace App; return fn () => 1;"},
    {"handler", "<?php namespace App { return fn () => 1; }"},
    {"handler", "<?php namespace A { echo 1; } namespace B { return fn () => 1; }"},
    {"handler", "<?php declare(strict_types=1); return fn () => 1;"},
    {"handler", "<?php declare(ticks=1) { return fn () => 1; }"},
    {"handler", "#!/usr/bin/env php\n<?php return fn () => 1;"},
    {"handler", "<p>text</p>\n<?php return fn () => 1;"},
    {"handler", "<?php return fn () => 1; __halt_compiler(); bytes <?php"},
    {"script", ""},
    {"script", "just text"},
    {"script", "<?php echo 1;"},
    {"script", "<?= 'short' ?>"},
    {"script", "<?php return;"},
    {"script", "<?php return 1;"},
    {"script", "<?php return -1;"},
    {"script", "<?php return 0x1F;"},
    {"script", "<?php return true;"},
    {"script", "<?php return False;"},
    {"script", "<?php return null;"},
    {"script", "<?php return \\null;"},
    {"script", "<?php if (is_file(__FILE__)) { return false; } echo 1;"},
    {"script", "<?php function make() { return fn () => 1; } echo 1;"},
    {"script", "<?php $make = function () { return new ArrayObject(); }; echo 1;"},
    {"script", "<?php $make = fn () => new ArrayObject(); echo 1;"},
    {"script", "<?php class App { function make() { return $this; } } echo 1;"},
    {"script", "<?php $app = new class { function make() { return $this; } }; echo 1;"},
    {"script", "<?php trait T { function make() { return $this; } } enum E { case A; } echo 1;"},
    {"script", "<?php if (1) { function make() { return fn () => 1; } } echo 1;"},
    {"script", "<?php namespace App { function make() { return 'x'; } } namespace { echo 1; }"},
    {"script", "#!/usr/bin/php8.2\n<?php echo 1;"},
    {"script", "<html>\n<?php echo 1 ?>\n<p><?php echo 2 ?></p>"},
    {"script", "<?php echo 1; __halt_compiler(); return fn () => 1;"},
    {"script", "<?php exit(0);"},
    {"script", "<?php require 'other.php';"},
    {"script", "<?php function loop() { frankenphp_handle_request(fn () => 1); } echo 1;"},
    {"worker", "<?php do { $goes = \\frankenphp_handle_request($f); } while ($goes);"},
    {"worker", "<?php namespace App; if (1) { frankenphp_handle_request($f); }"},
};

std::string kind_of(const ScratchFolder& scratch, const std::string& text,
                    const std::string& name = "kind.php") {
  scratch.write(name, text);
  const auto finished =
      testing::run_program(testing::program("php-worker"), {"--entry-kind"},
                           {{"LAMBDA_TASK_ROOT", scratch.path()}, {"_HANDLER", name}});
  CHECK_MESSAGE(finished.status.clean(), finished.output);
  return finished.output;
}

struct BootFailure {
  std::string name;
  Variables files;
  Variables environment;
  std::string type;
  std::string message;
  bool found_first = false;  // before PHP is started
};

const BootFailure kBootFailures[] = {
    {"missing", {}, {{"PHORK_PREBOOT", "parts/not-there.php"}}, "", "parts/not-there.php", true},
    {"syntax error",
     {{"boot.php", "<?php\n\nfunction ("}},
     {{"PHORK_PREBOOT", "boot.php"}},
     "Runtime.UserCodeSyntaxError",
     "boot.php:3"},
    {"exception",
     {{"boot.php", "<?php\nthrow new DomainException('no database');"}},
     {{"PHORK_PREBOOT", "boot.php"}},
     "DomainException",
     "no database in "},
    {"exit",
     {{"boot.php", "<?php exit(7);"}},
     {{"PHORK_PREBOOT", "boot.php"}},
     "Runtime.HandlerExited",
     "while booting"},
    {"fatal error",
     {{"boot.php", "<?php\ntrigger_error('by hand', E_USER_ERROR);"}},
     {{"PHORK_PREBOOT", "boot.php"}},
     "Runtime.PhpFatal",
     "by hand in "},
    {"syntax error in the entry",
     {{"index.php", "<?php\n\n\necho 'x' 'y';"}},
     {},
     "Runtime.UserCodeSyntaxError",
     "index.php:4"},
};

// The error of an entry that cannot serve: posted to init/error, with exit code 1, or posted for
// the event where each event boots.
std::string failure_of(Runtime& runtime, bool boots_late) {
  if (boots_late) {
    const auto result = runtime.invoke(testing::http_event("/"));
    CHECK_FALSE(result.answered());
    CHECK(testing::eventually([&] { return runtime.idle(); }));
    return result.body;
  }
  const auto status = runtime.process().wait_exit();
  CHECK(status.describe() == "exit code 1");
  return runtime.init_error();
}

void check_boot_failure(const BootFailure& failure, const std::string& strategy) {
  CAPTURE(failure.name);
  CAPTURE(strategy);
  const ScratchFolder scratch;
  scratch.write("index.php", "<?php echo 'served';");
  for (const auto& [name, text] : failure.files) scratch.write(name, text);
  Runtime runtime(options_of(scratch.path(), strategy, failure.environment));
  const std::string told = failure_of(runtime, strategy == "exec" && !failure.found_first);
  REQUIRE_MESSAGE(!told.empty(), runtime.output());
  const Json error(told);
  CHECK_MESSAGE(contains(error.text("errorMessage"), failure.message), told);
  // php-fpm names no type: it only logs the reason.
  if (!failure.type.empty() && strategy != "fpm") {
    CHECK(error.text("errorType") == failure.type);
  }
  CHECK_MESSAGE(contains(runtime.output(), failure.message), runtime.output());
}

// The script that a request runs with PHORK_ROUTE=files.
struct RouteCase {
  std::string target;
  std::string script;  // SCRIPT_NAME
  std::string info{};
  std::string folder{};
};

const RouteCase kRoutes[] = {
    {"/", "/index.php"},
    {"/index.php", "/index.php"},
    {"/index.php/a/b", "/index.php", "/a/b"},
    {"/run.php", "/run.php"},
    {"/run.php?x=1", "/run.php"},
    {"/run.php/a%20b/c", "/run.php", "/a b/c"},
    {"/admin/", "/admin/index.php", "", "/admin"},
    {"/admin/run.php", "/admin/run.php", "", "/admin"},
    {"/admin//run.php", "/admin/run.php", "", "/admin"},
    {"/admin/../run.php", "/run.php"},
    {"/admin/./run.php/x", "/admin/run.php", "/x", "/admin"},
    {"/missing.php", "/index.php"},
    {"/products/7", "/index.php"},
    {"/run.txt", "/index.php"},
    {"/.hidden.php", "/index.php"},
    {"/.git/run.php", "/index.php"},
    {"/admin/.hidden.php", "/index.php"},
    {"/../secret.php", "/index.php"},
    {"/%2e%2e/secret.php", "/index.php"},
    {"/admin/../../secret.php", "/index.php"},
    {"/..%2fsecret.php", "/index.php"},
    {"/run.php%00.txt", "/index.php"},
    {"/folder.php/run.php", "/index.php"},
};

constexpr const char* kPlace =
    "<?php echo json_encode(['script' => __FILE__, 'name' => $_SERVER['SCRIPT_NAME'],"
    "'self' => $_SERVER['PHP_SELF'], 'info' => $_SERVER['PATH_INFO'] ?? '', 'cwd' => getcwd(),"
    "'file' => $_SERVER['SCRIPT_FILENAME']]);";

void write_site(const ScratchFolder& scratch) {
  for (const char* name : {"site/index.php", "site/run.php", "site/admin/index.php",
                           "site/admin/run.php", "site/.hidden.php", "site/.git/run.php",
                           "site/admin/.hidden.php", "site/run.txt", "secret.php"}) {
    scratch.write(name, kPlace);
  }
  scratch.make_folder("site/folder.php");
}

}  // namespace

TEST_SUITE("scripts before their events") {
  TEST_CASE("a program is a console, a file that returns something to call a handler") {
    const ScratchFolder scratch;
    CHECK(kind_of(scratch, "#!/usr/bin/env php\n<?php echo 1;", "console") == "console\n");
    CHECK(kind_of(scratch, "#!/bin/sh\n<?php echo 1;", "program") == "script\n");
    for (const KindCase& expected : kKinds) {
      CAPTURE(expected.text);
      CHECK(kind_of(scratch, expected.text) == expected.kind + "\n");
    }
  }

  TEST_CASE("PHORK_ENTRY overrules the kind that a file looks like") {
    const ScratchFolder scratch;
    scratch.write("index.php", "<?php echo 'printed'; return fn () => ['called' => true];");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime as_script(options_of(scratch.path(), strategy, {{"PHORK_ENTRY", "script"}}));
      for (int event = 0; event < 3; ++event) CHECK(ask(as_script, "/").body == "printed");
      Runtime as_handler(options_of(scratch.path(), strategy, {{"PHORK_ENTRY", "handler"}}));
      CHECK(as_handler.invoke("{}").body == R"({"called":true})");
    }
    scratch.write("index.php", "<?php echo 'printed';");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_of(scratch.path(), strategy, {{"PHORK_ENTRY", "handler"}}));
      CHECK_MESSAGE(contains(failure_of(runtime, strategy == "exec"), "Runtime.UnusableEntry"),
                    runtime.output());
    }
  }

  TEST_CASE("an unknown value of a setting is refused with the list of known ones") {
    const std::string root = testing::source_path("tests/fixtures/scripts");
    const Variables expected{{"PHORK_ENTRY", "expected auto, handler, script, worker or console"},
                             {"PHORK_ROUTE", "expected entry or files, got 'nonsense'"},
                             {"PHORK_RESPONSE", "expected buffered or stream, got 'nonsense'"}};
    for (const std::string& strategy : testing::all_strategies()) {
      for (const auto& setting : expected) {
        const std::string& name = setting.first;
        CAPTURE(strategy);
        Runtime runtime(options_of(root, strategy, {{name, "nonsense"}}));
        CHECK(runtime.process().wait_exit().describe() == "exit code 100");
        CHECK_MESSAGE(contains(runtime.output(), name + ": " + setting.second), runtime.output());
      }
    }
  }

  TEST_CASE("the file of PHORK_PREBOOT has run before the script, once for each event") {
    const std::string root = testing::source_path("tests/fixtures/scripts");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Runtime runtime(options_of(root, strategy, {{"PHORK_PREBOOT", "parts/preboot.php"}}));
      for (int event = 0; event < 3; ++event) {
        const Json told(ask(runtime, "/?name=x").body);
        CHECK(told.integer("prebooted") == 1);
        CHECK(told.text("prebootGlobal.from") == "preboot.php");
        CHECK(contains(told.raw("globals"), "\"prebooted\""));
        CHECK(told.integer("left") == 1);
      }
    }
  }

  TEST_CASE(
      "the error that keeps a script from booting is reported with file and line, by every "
      "strategy") {
    for (const std::string& strategy : testing::all_strategies()) {
      for (const BootFailure& failure : kBootFailures) check_boot_failure(failure, strategy);
    }
  }

  TEST_CASE("with PHORK_ROUTE=files a request runs the script that its path names, or the entry") {
    const ScratchFolder scratch;
    write_site(scratch);
    const std::string root = scratch.file("site");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = options_of(scratch.path(), strategy, {{"PHORK_ROUTE", "files"}});
      options.handler = "site/index.php";
      Runtime runtime(options);
      for (const RouteCase& expected : kRoutes) {
        CAPTURE(expected.target);
        const Json told(ask(runtime, expected.target).body);
        CHECK(told.text("script") == root + expected.script);
        CHECK(told.text("file") == root + expected.script);
        CHECK(told.text("name") == expected.script);
        CHECK(told.text("info") == expected.info);
        CHECK(told.text("self") == expected.script + expected.info);
        CHECK(told.text("cwd") == root + expected.folder);
      }
    }
  }

  TEST_CASE(
      "a rehearsal of a script runs its shutdown functions and leaves nothing to the events") {
    const ScratchFolder scratch;
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = options_of(testing::source_path("tests/fixtures/scripts"), strategy,
                                          {{"PHORK_WARMUP", "GET /warm?end=exit; GET /warm"},
                                           {"PHORK_TEST_FILE", scratch.file(strategy)}});
      options.handler = "warm.php";
      Runtime runtime(options);
      const Json first(ask(runtime, "/first").body);
      if (strategy == "fork" || strategy == "inprocess") CHECK(first.boolean("cached"));
      CHECK(first.integer("next") == 1);
      CHECK(Json(ask(runtime, "/second").body).integer("next") == 1);
      REQUIRE(testing::eventually([&] { return runtime.idle(); }));
      const std::string left = scratch.read(strategy);
      if (strategy == "fork") {
        // The zygote plays the rehearsal, and so does each copy that practises.
        const std::string rehearsal =
            "shutdown functions run /warm?end=exit\nshutdown functions run /warm\n";
        CHECK(left.starts_with(rehearsal));
        std::string_view rest = left;
        while (rest.starts_with(rehearsal)) rest.remove_prefix(rehearsal.size());
        CHECK(rest == "shutdown functions run /first\nshutdown functions run /second\n");
      }
      CHECK(contains(left, "run /first\n"));
      CHECK(contains(left, "run /second\n"));
      CHECK(testing::without_zygote_lines(runtime.output()) == "");
    }
  }

  TEST_CASE("without a rehearsal a fork's first event compiles for itself") {
    RuntimeOptions options = options_of(testing::source_path("tests/fixtures/scripts"), "fork");
    options.handler = "warm.php";
    Runtime runtime(options);
    CHECK_FALSE(Json(ask(runtime, "/first").body).boolean("cached"));
    CHECK(Json(ask(runtime, "/second").body).boolean("cached"));
  }

  TEST_CASE("a rehearsal that ends in a fatal error keeps the function from booting") {
    for (const std::string strategy : {"inprocess", "prespawn", "fork"}) {
      CAPTURE(strategy);
      RuntimeOptions options = options_of(testing::source_path("tests/fixtures/scripts"), strategy,
                                          {{"PHORK_WARMUP", "GET /warm?end=fatal"}});
      options.handler = "warm.php";
      Runtime runtime(options);
      const Json error(failure_of(runtime, false));
      CHECK(error.text("errorType") == "Runtime.InvalidWarmup");
      CHECK(contains(error.text("errorMessage"), "GET /warm?end=fatal"));
      CHECK(contains(error.text("errorMessage"), "rehearsed badly in "));
      CHECK(contains(error.text("errorMessage"), "warm.php:17"));
    }
  }

  TEST_CASE("a file that PHORK_PREBOOT opened is open in each event") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options = options_of(testing::source_path("tests/fixtures/scripts"), strategy,
                                          {{"PHORK_PREBOOT", "parts/preboot.php"}});
      options.handler = "scope.php";
      Runtime runtime(options);
      for (int event = 0; event < 4; ++event) {
        CHECK(Json(ask(runtime, "/").body).text("handle") == "// SPDX-License-Identifier: MIT\n");
      }
    }
  }
}
