// SPDX-License-Identifier: MIT
//
// An event is a request to PHP's extensions, from its begin to its end, and its objects are freed:
// under every strategy as under php-fpm. An extension of our own says what PHP has it do.
#include <csignal>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/eventually.h"
#include "tests/support/http_event.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::count;
using testing::eventually;
using testing::line_with;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

// The boot's objects are held in all ways; `?renew` lets an event free one and make another, which
// gets its handle and its memory.
constexpr const char* kHandler = R"(<?php
final class Kept
{
    public static ?PhorkProbe $fresh = null;
    public ?PhorkProbe $inner = null;

    public function __construct(public PhorkProbe $first)
    {
    }
}
$global = new PhorkProbe('global of boot');
$kept = new Kept(new PhorkProbe('property of boot'));
$plain = new stdClass();
return static function (array $event) use ($kept, &$plain): string {
    phork_probe_note("event {$event['n']}");
    new PhorkProbe('temporary');
    $GLOBALS['made'] = new PhorkProbe('global');
    Kept::$fresh = new PhorkProbe('static');
    $kept->inner = new PhorkProbe('inner');
    if ($event['renews'] ?? false) {
        unset($kept->first);
        $kept->first = new PhorkProbe('renewed');
        $plain = null;
        $plain = new PhorkProbe('in a used place');
    }
    return phork_probe_seen();
};
)";

constexpr const char* kScript = R"(<?php
final class Kept
{
    public static ?PhorkProbe $fresh = null;
}
phork_probe_note("event {$_GET['n']}");
(static function (): void {
    new PhorkProbe('temporary');
})();
$made = new PhorkProbe('global');
Kept::$fresh = new PhorkProbe('static');
echo phork_probe_seen();
)";

class Probed {
 public:
  Probed(const std::string& strategy, const std::string& handler) {
    folder_.write("script.php", kScript);
    folder_.write("handler.php", kHandler);
    folder_.write(
        "ini/probe.ini",
        "zend_extension=" + testing::program("tests/integration/probe_extension.so") + "\n");
    options.strategy = strategy;
    options.handler = handler;
    options.task_root = folder_.path();
    options.environment = {{"PROBE_LOG", folder_.file("log")},
                           {"PHP_INI_SCAN_DIR", testing::scan_also(folder_.file("ini"))}};
  }

  std::string log() const { return folder_.read("log"); }

  // The lines of event `n`: from the start of its request to the end. Empty until it has ended.
  std::string event(int n) const {
    const std::string all = log();
    const std::size_t middle = all.find("event " + std::to_string(n) + "\n");
    if (middle == std::string::npos) return {};
    const std::size_t begin = all.rfind("activate\n", middle);
    const std::size_t end = all.find("post\n", middle);
    if (begin == std::string::npos || end == std::string::npos) return {};
    return all.substr(begin, end - begin);
  }

  std::string wait_for_event(int n) const {
    CHECK(eventually([&] { return !event(n).empty(); }));
    return event(n);
  }

  RuntimeOptions options;

 private:
  ScratchFolder folder_;
};

bool keeps_objects(const std::string& strategy) {
  return strategy == "inprocess";
}

}  // namespace

TEST_SUITE("extensions") {
  TEST_CASE("each run of a script is a request, whose start sees the page that was asked for") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const Probed probed(strategy, "script.php");
      Runtime runtime(probed.options);
      for (int n = 1; n <= 3; ++n) {
        const std::string uri = "/page?n=" + std::to_string(n);
        const auto result = runtime.invoke(testing::http_event(uri));
        REQUIRE_MESSAGE(result.answered(), result.body << runtime.output());
        CHECK(testing::http_reply(result).body == uri);
        CHECK(probed.wait_for_event(n) == "activate\nstartup " + uri + "\nevent " +
                                              std::to_string(n) +
                                              "\nfreed temporary\nfreed global\nshutdown " + uri +
                                              "\nfreed static\ndeactivate\n");
      }
      // Each event is one, whatever there was at boot.
      CHECK(count(probed.log(), "startup /page") == 3);
      CHECK(count(probed.log(), "shutdown /page") == 3);
    }
  }

  TEST_CASE("each event of a handler is a request; its objects are freed, not those of the boot") {
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm") continue;  // a handler's file runs in each request
      CAPTURE(strategy);
      const Probed probed(strategy, "handler.php");
      Runtime runtime(probed.options);
      for (int n = 1; n <= 3; ++n) {
        answer_of(runtime, R"({"n":)" + std::to_string(n) + "}");
        const std::string event = probed.wait_for_event(n);
        CHECK(event.starts_with("activate\nstartup \nevent " + std::to_string(n) +
                                "\nfreed temporary\n"));
        CHECK(event.ends_with("deactivate\n"));
        CHECK(count(event, "activate\n") == 2);
        CHECK(count(event, "startup") == 1);
        CHECK(count(event, "shutdown") == 1);
        if (keeps_objects(strategy)) continue;
        CHECK(event.find("freed global\n") < event.find("shutdown"));
        CHECK(event.find("freed static\n") > event.find("shutdown"));
        CHECK(contains(event, "freed static\n"));
        CHECK(contains(event, "freed inner\n"));
        const bool has_boot = strategy == "fork" || strategy == "rollback";
        CHECK(contains(event, "of boot") == !has_boot);
      }
      const std::string log = probed.log();
      CHECK(count(log, "startup") - count(log, "shutdown") <= 1);
    }
  }

  TEST_CASE("an object that takes the place of one of the boot's is freed as well") {
    for (const std::string& strategy : testing::forking_strategies()) {
      CAPTURE(strategy);
      const Probed probed(strategy, "handler.php");
      Runtime runtime(probed.options);
      for (int n = 1; n <= 2; ++n) {
        answer_of(runtime, R"({"renews":true,"n":)" + std::to_string(n) + "}");
        const std::string event = probed.wait_for_event(n);
        CHECK(event.find("freed property of boot\n") < event.find("shutdown"));
        CHECK(count(event, "freed renewed\n") == 1);
        CHECK(count(event, "freed in a used place\n") == 1);
        CHECK_FALSE(contains(event, "freed global of boot\n"));
      }
    }
  }

  TEST_CASE("the boot's objects are freed once, when the zygote ends") {
    for (const std::string& strategy : testing::forking_strategies()) {
      CAPTURE(strategy);
      const Probed probed(strategy, "handler.php");
      {
        Runtime runtime(probed.options);
        answer_of(runtime, R"({"n":1})");
        probed.wait_for_event(1);
        CHECK_FALSE(contains(probed.log(), "of boot"));
        runtime.process().signal(SIGTERM);
        runtime.process().wait_exit();
      }
      CHECK(count(probed.log(), "freed global of boot\n") == 1);
      CHECK(count(probed.log(), "freed property of boot\n") == 1);
    }
  }

  TEST_CASE("what boot holds in a global stays open under PHORK_FD_POLICY=allow") {
    for (const std::string& strategy : testing::forking_strategies()) {
      CAPTURE(strategy);
      Probed probed(strategy, "handler.php");
      probed.options.environment["PHORK_FD_POLICY"] = "allow";
      Runtime runtime(probed.options);
      for (int n = 1; n <= 2; ++n) {
        answer_of(runtime, R"({"n":)" + std::to_string(n) + "}");
        CHECK_FALSE(contains(probed.wait_for_event(n), "of boot"));
      }
    }
  }

  TEST_CASE("compression of the output follows each client's own header") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Probed probed(strategy, "script.php");
      ScratchFolder ini;
      ini.write("zlib.ini", "zlib.output_compression=On\n");
      probed.options.environment["PHP_INI_SCAN_DIR"] += ":" + ini.path();
      Runtime runtime(probed.options);
      for (const std::string accepted : {"gzip", "", "deflate", "gzip", ""}) {
        const testing::HttpCall call{"GET", "/?n=1", {{"Accept-Encoding", accepted}}, ""};
        const auto result = runtime.invoke(testing::http_event(call));
        REQUIRE_MESSAGE(result.answered(), result.body << runtime.output());
        const auto sent =
            testing::header_values(testing::http_reply(result).headers, "content-encoding");
        CHECK((sent.empty() ? "" : sent.front()) == accepted);
      }
    }
  }
}
