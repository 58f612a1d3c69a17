// SPDX-License-Identifier: MIT
//
// `phork audit` with real bootstrap and real PHP: with a small probe of the tests, with the probe
// of phork, and with applications that are not a probe.
#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Finished;
using testing::Json;
using testing::ScratchFolder;

constexpr const char* kSmallProbe = "tests/fixtures/audit";

// The smallest event of an HTTP API.
constexpr const char* kRequest =
    R"({"version":"2.0","rawPath":"/","rawQueryString":"","headers":{"host":"h"},)"
    R"("requestContext":{"http":{"method":"GET","path":"/","protocol":"HTTP/1.1",)"
    R"("sourceIp":"127.0.0.1"},"stage":"$default"}})";

class Audit {
 public:
  // `folder` is below the source tree.
  Finished run(const std::string& folder, std::vector<std::string> more) const {
    return run_in(testing::source_path(folder), std::move(more));
  }

  Finished run_in(const std::string& folder, std::vector<std::string> more) const {
    more.insert(more.begin(), {"audit", folder, "--json", json_path()});
    return testing::run_program(testing::program("phork"), std::move(more),
                                {{"PHORK_TEST_FOLDER", scratch_.path()}});
  }

  const ScratchFolder& scratch() const { return scratch_; }

  // The report of the last run.
  Json json() const { return Json(scratch_.read("audit.json")); }

 private:
  std::string json_path() const { return scratch_.file("audit.json"); }

  ScratchFolder scratch_;
};

}  // namespace

TEST_SUITE("audit") {
  TEST_CASE("under fork nothing survives, and the exit code says so") {
    const Audit audit;
    const Finished ended = audit.run(kSmallProbe, {"--strategy", "fork"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 0", ended.output);
    CHECK_MESSAGE(contains(ended.output, "fork: safe: none of 2 tested kinds"), ended.output);
    const Json found = audit.json();
    CHECK(found.text("outcome") == "no leak");
    CHECK(found.integer("strategies.0.counts.clean") == 2);
    CHECK(found.integer("strategies.0.counts.shared") == 1);
    CHECK(found.integer("strategies.0.counts.unavailable") == 1);
  }

  TEST_CASE("under inprocess a global variable survives, and is named with its values") {
    const Audit audit;
    const Finished ended = audit.run(kSmallProbe, {"--strategy", "inprocess"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 1", ended.output);
    CHECK_MESSAGE(
        contains(ended.output, "global-variable: planted and found \"left behind\", was null"),
        ended.output);
    CHECK(audit.json().integer("strategies.0.counts.leak") == 1);
    CHECK(audit.json().text("strategies.0.kinds.0.verdict") == "leak");
    CHECK(audit.json().text("strategies.0.kinds.1.verdict") == "clean");
  }

  TEST_CASE(
      "without --strategy all are audited, and a leak under inprocess does not fail the audit" *
      doctest::skip(testing::kAddressSanitizer)) {  // under which rollback does not boot
    const Audit audit;
    const Finished ended = audit.run(kSmallProbe, {});
    CHECK_MESSAGE(ended.status.describe() == "exit code 0", ended.output);
    const std::vector<std::string> head{"inprocess", "exec", "prespawn", "fork"};
    for (std::size_t column = 0; column < head.size(); ++column) {
      CHECK(audit.json().text("strategies." + std::to_string(column) + ".name") == head[column]);
    }
    CHECK(audit.json().integer("strategies.0.counts.leak") == 1);
    CHECK_FALSE(audit.json().boolean("strategies.0.counts_for_exit_code"));
  }

  TEST_CASE("--kind audits one kind alone") {
    const Audit audit;
    const Finished ended = audit.run(kSmallProbe, {"--strategy", "A", "--kind", "local-variable"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 0", ended.output);
    CHECK_FALSE(audit.json().has("strategies.0.kinds.1"));
  }

  TEST_CASE("a wrong argument is refused with its text before anything runs") {
    const Audit audit;
    for (const std::vector<std::string>& wrong :
         std::vector<std::vector<std::string>>{{"--strategy", "rollforward"},
                                               {"--kind", "colour", "--strategy", "fork"},
                                               {"--event", "/nonexistent.json"},
                                               {"--request", "get /"},
                                               {"--request", "GET"}}) {
      const Finished ended = audit.run(kSmallProbe, wrong);
      CHECK_MESSAGE(ended.status.describe() == "exit code 100", ended.output);
      CHECK_MESSAGE(contains(ended.output, wrong[1]), ended.output);
    }
  }

  TEST_CASE("with a probe that answers nonsense a strategy is reported as not audited") {
    const Audit audit;
    audit.scratch().write("app/index.php",
                          "<?php // in place of Phork\\Audit\\Probe\n"
                          "return static fn (array $event): array => ['kinds' => 'none'];\n");
    const Finished ended =
        audit.run_in(audit.scratch().file("app"), {"--strategy", "fork,inprocess"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 111", ended.output);
    CHECK_MESSAGE(contains(ended.output, "fork: not audited: "), ended.output);
    CHECK_MESSAGE(contains(ended.output, "inprocess: not audited: "), ended.output);
  }

  TEST_CASE("a kind whose event kills PHP has failed, and the other kinds are audited") {
    const Audit audit;
    audit.scratch().write(
        "app/index.php",
        "<?php // hands over to Phork\\Audit\\Probe but for one kind\n"
        "$probe = require '" +
            testing::source_path(kSmallProbe) +
            "/index.php';\n"
            "return static function (array $event) use ($probe): array {\n"
            "    if ($event === ['audit' => 'plant', 'kind' => 'global-variable']) {\n"
            "        posix_kill(getmypid(), SIGKILL);\n"
            "    }\n"
            "    return $probe($event);\n"
            "};\n");
    for (const char* strategy : {"fork", "inprocess"}) {
      const Finished ended = audit.run_in(audit.scratch().file("app"), {"--strategy", strategy});
      CHECK_MESSAGE(ended.status.describe() == "exit code 111", ended.output);
      CHECK(audit.json().text("strategies.0.kinds.0.verdict") == "failed");
      CHECK(audit.json().text("strategies.0.kinds.0.reason").starts_with("plant: "));
      CHECK(audit.json().text("strategies.0.kinds.1.verdict") == "clean");
    }
  }

  TEST_CASE("an application that keeps state is caught under the strategy that keeps its process") {
    const Audit audit;
    audit.scratch().write("app/index.php",
                          "<?php\n"
                          "return static function (array $event): array {\n"
                          "    $GLOBALS['visits'] = ($GLOBALS['visits'] ?? 0) + 1;\n"
                          "    return ['statusCode' => 200];\n"
                          "};\n");
    const Finished ended = audit.run_in(audit.scratch().file("app"),
                                        {"--strategy", "inprocess,fork", "--kind", "umask"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 1", ended.output);
    const Json found = audit.json();
    CHECK_MESSAGE(found.integer("strategies.0.application.events") == 3, ended.output);
    CHECK_MESSAGE(contains(found.raw("strategies.0.application.changes"), "\"globals.$visits\""),
                  ended.output);
    CHECK(found.boolean("strategies.1.application.examined"));
    CHECK_MESSAGE(found.raw("strategies.1.application.changes") == "[]", ended.output);
  }

  TEST_CASE("the counter of the example is found under inprocess, and nowhere else") {
    const Audit audit;
    const Finished ended =
        audit.run("examples/hello", {"--strategy", "inprocess,exec,fork,fpm", "--kind", "umask"});
    const Json found = audit.json();
    for (int strategy = 0; strategy < 4; ++strategy) {
      const std::string path = "strategies." + std::to_string(strategy);
      CHECK_MESSAGE(found.integer(path + ".application.records") == 3, ended.output);
      const std::string changes = found.raw(path + ".application.changes");
      if (found.text(path + ".name") == "inprocess") {
        CHECK_MESSAGE(contains(changes, "$served\""), changes);
        CHECK_FALSE(found.has(path + ".application.changes.1"));
      } else {
        CHECK_MESSAGE(changes == "[]", changes);
      }
    }
  }

  TEST_CASE("a random value of the boot is not taken for state that an event left") {
    const Audit audit;
    audit.scratch().write("app/index.php",
                          "<?php\n"
                          "$node = random_bytes(8);\n"
                          "return static fn (array $event): string => bin2hex($node);\n");
    const Finished ended = audit.run_in(audit.scratch().file("app"),
                                        {"--strategy", "exec,fork,fpm", "--kind", "umask"});
    CHECK_MESSAGE(ended.status.describe() == "exit code 0", ended.output);
  }

  TEST_CASE("a script leaves nothing behind") {
    const Audit audit;
    const Finished ended =
        audit.run("tests/fixtures/scripts",
                  {"--strategy", "inprocess,exec,fork,fpm", "--kind", "umask", "--request",
                   "GET /index.php?name=a", "--request", "POST /index.php?do=exit"});
    const Json found = audit.json();
    for (int strategy = 0; strategy < 4; ++strategy) {
      const std::string path = "strategies." + std::to_string(strategy) + ".application";
      CHECK_MESSAGE(found.integer(path + ".records") == 6, ended.output);
      const std::string changes = found.raw(path + ".changes");
      CHECK_MESSAGE(changes == "[]", changes);
    }
  }

  TEST_CASE("a script's change to its process is found, its variables are not") {
    const Audit audit;
    audit.scratch().write("app/index.php", "<?php $left = 1; proc_nice(1);");
    const Finished ended =
        audit.run_in(audit.scratch().file("app"), {"--strategy", "inprocess", "--kind", "umask"});
    const std::string changes = audit.json().raw("strategies.0.application.changes");
    CHECK_MESSAGE(contains(changes, "\"process.nice value\""), ended.output);
    CHECK_FALSE(audit.json().has("strategies.0.application.changes.1"));
  }

  TEST_CASE("a script does not see that it is watched") {
    const Audit audit;
    audit.scratch().write("app/index.php", "<?php echo json_encode(get_included_files());");
    audit.scratch().write("event.json", kRequest);
    for (const char* strategy : {"fork", "inprocess"}) {
      const std::string record = audit.scratch().file(strategy);
      const Finished ended =
          testing::run_program(testing::program("phork"),
                               {"invoke", audit.scratch().file("app"), "--strategy", strategy,
                                "--event", audit.scratch().file("event.json")},
                               {{"PHORK_AUDIT_RECORD", record},
                                {"PHORK_AUDIT_PROBE", testing::source_path("audit/probe")}});
      CHECK_MESSAGE(contains(ended.output, "app\\\\/index.php\\\"]\""), ended.output);
      CHECK_FALSE(contains(ended.output, "Fingerprint"));
      CHECK(contains(audit.scratch().read(strategy), "\"globals\":{"));
    }
  }
}
