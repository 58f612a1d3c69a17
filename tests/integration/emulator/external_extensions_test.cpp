// SPDX-License-Identifier: MIT
//
// External extensions beside a function in the emulator: a program in a folder registers, gets
// INVOKE and SHUTDOWN and the records that it asked for, and takes the environment with it when it
// fails.
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/eventually.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::count;
using testing::eventually;
using testing::Finished;
using testing::ScratchFolder;
using testing::Served;

constexpr const char* kHandler =
    "<?php return function (array $event) {\n"
    "    error_log('the function says ' . ($event['say'] ?? 'nothing'));\n"
    "    $notes = (string) @file_get_contents(getenv('WATCHER_NOTES'));\n"
    "    return ['said' => $event['say'] ?? 'nothing',\n"
    "        'finished' => substr_count($notes, 'finished')];\n"
    "};\n";

class Scene {
 public:
  explicit Scene(const std::string& mode = {}) {
    folder_.write("app/index.php", kHandler);
    folder_.make_folder("extensions");
    std::filesystem::copy_file(testing::source_path("tests/fixtures/extensions/watcher"),
                               folder_.file("extensions/watcher"));
    environment_ = {{"WATCHER_NOTES", folder_.file("notes")}, {"WATCHER_MODE", mode}};
  }

  std::string app() const { return folder_.file("app"); }

  std::string extensions() const { return folder_.file("extensions"); }

  const ScratchFolder& folder() const { return folder_; }

  const std::map<std::string, std::string>& environment() const { return environment_; }

  std::string notes() const { return folder_.read("notes"); }

  bool notes_say(const std::string& text, std::size_t times = 1) const {
    return eventually([&] { return count(notes(), text) >= times; });
  }

  Finished invoke(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{
        "invoke",       app(),       "--event", folder_.write("event.json", R"({"say":"hello"})"),
        "--extensions", extensions()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return testing::run_program(testing::program("phork"), arguments, environment_);
  }

 private:
  ScratchFolder folder_;
  std::map<std::string, std::string> environment_;
};

}  // namespace

TEST_SUITE("external extensions") {
  TEST_CASE("one sees INVOKE and SHUTDOWN, under every strategy") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const Scene scene;
      const Finished run = scene.invoke({"--strategy", strategy});
      REQUIRE_MESSAGE(run.status.clean(), run.output);
      CHECK(contains(run.output, R"({"said":"hello",)"));
      CHECK(contains(run.output, "watcher is ready"));
      CHECK(contains(run.output,
                     "EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE,SHUTDOWN]"));
      const std::string notes = scene.notes();
      CHECK(contains(notes, R"("functionName": "function", "functionVersion": "$LATEST")"));
      CHECK(contains(notes, R"("hidden": [])"));
      CHECK(count(notes, R"("eventType": "INVOKE")") == 1);
      CHECK(contains(notes, "arn:aws:lambda:us-east-1:123456789012:function:function"));
      CHECK(contains(notes, R"("type": "X-Amzn-Trace-Id", "value": "Root=1-)"));
      CHECK(count(notes, R"("shutdownReason": "spindown")") == 1);
    }
  }

  TEST_CASE("an event is over only when the extension has asked for the next one") {
    const Scene scene("slow");
    const Served served(scene.app(), {"--extensions", scene.extensions(), "--concurrency", "1"},
                        scene.environment());
    for (int event = 0; event < 3; ++event) {
      // The extension is done with all events before this one.
      const std::string finished = "\"finished\":" + std::to_string(event);
      const std::string body = served.call().body;
      CHECK_MESSAGE(contains(body, finished), body);
    }
    CHECK(served.logs("REPORT"));
  }

  TEST_CASE("an extension that does not finish costs the event its time") {
    const Scene scene("hang");
    const Served served(scene.app(), {"--extensions", scene.extensions(), "--timeout", "1"},
                        scene.environment());
    CHECK(served.call().status == 200);
    CHECK(served.logs("Task timed out after 1.00 seconds"));
  }

  TEST_CASE("one that fails in its init fails the init") {
    struct Case {
      const char* mode;
      const char* type;
    };

    for (const Case& each :
         {Case{"crash at start", "Extension.Crash"}, Case{"init error", "Extension.InitError"}}) {
      CAPTURE(each.mode);
      const Scene scene(each.mode);
      const Finished run = scene.invoke();
      CHECK(run.status.code == 1);
      CHECK_MESSAGE(contains(run.output, each.type), run.output);
      CHECK(contains(run.output, "watcher"));
    }
  }

  TEST_CASE(
      "one that fails in an event takes the environment with it, and the next event a new one") {
    struct Case {
      const char* mode;
      const char* type;
    };

    for (const Case& each :
         {Case{"crash", "Extension.Crash"}, Case{"exit error", "Extension.Asked"}}) {
      CAPTURE(each.mode);
      const Scene scene(each.mode);
      const Served served(scene.app(), {"--extensions", scene.extensions()}, scene.environment());
      served.call();
      CHECK(served.logs(each.type));
      CHECK(scene.notes_say("registered", 1));
      served.call();
      CHECK(scene.notes_say("registered", 2));
    }
  }

  TEST_CASE("a file that is no program fails the init, and names the file") {
    const Scene scene;
    scene.folder().write("extensions/another", "no program");
    const Finished run = scene.invoke();
    CHECK(run.status.code == 1);
    CHECK_MESSAGE(contains(run.output, "Extension.LaunchError"), run.output);
    CHECK(contains(run.output, "extensions/another"));
  }

  TEST_CASE("records of the platform, the function and the extension come in batches by HTTP") {
    for (const char* mode : {"telemetry", "logs"}) {
      CAPTURE(mode);
      const Scene scene(mode);
      const Served served(scene.app(), {"--extensions", scene.extensions()}, scene.environment());
      served.call();
      for (const char* type :
           {"platform.initStart", "platform.extension", "platform.initRuntimeDone",
            "platform.initReport", "platform.start", "platform.runtimeDone", "platform.report"}) {
        CAPTURE(type);
        CHECK(scene.notes_say("\"type\": \"" + std::string(type) + '"'));
      }
      CHECK(scene.notes_say(R"("type": "function", "record": ")"));
      CHECK(contains(scene.notes(), "the function says nothing"));
      CHECK(scene.notes_say(R"("type": "extension", "record": "watcher is ready")"));
      const bool old = std::string(mode) == "logs";
      CHECK(scene.notes_say(old ? "platform.logsSubscription" : "platform.telemetrySubscription"));
      CHECK(served.logs(old ? "LOGS\tName: watcher" : "TELEMETRY\tName: watcher"));
    }
  }

  TEST_CASE("the records of an event that is the last one come before SHUTDOWN") {
    const Scene scene("telemetry at the end");
    const Finished run = scene.invoke();
    REQUIRE_MESSAGE(run.status.clean(), run.output);
    const std::string notes = scene.notes();
    const std::size_t report = notes.find(R"("type": "platform.report")");
    REQUIRE_MESSAGE(report != std::string::npos, notes);
    CHECK(report < notes.find(R"("eventType": "SHUTDOWN")"));
    CHECK(contains(notes, "the function says hello"));
  }

  TEST_CASE("one is there before the snapshot, and gets records of it and of the restore") {
    const Scene scene("telemetry");
    const Served served(scene.app(),
                        {"--extensions", scene.extensions(), "--snapstart", "--snapshot-age", "0"},
                        scene.environment());
    CHECK(served.call().status == 200);
    CHECK(served.logs("REPORT RequestId"));
    const std::string log = served.log();
    CHECK(log.find("EXTENSION\tName: watcher\tState: Ready") < log.find("RESTORE_START"));
    CHECK(log.find("RESTORE_START") < log.find("RESTORE_REPORT"));
    CHECK(scene.notes_say(R"("restoreDurationMs")"));
    const std::string notes = scene.notes();
    for (const std::string type : {"initStart", "initRuntimeDone", "initReport", "restoreStart",
                                   "restoreRuntimeDone", "restoreReport", "start", "report"}) {
      CAPTURE(type);
      CHECK(count(notes, R"("type": "platform.)" + type + '"') == 1);
    }
    CHECK(contains(notes, R"("initializationType": "snap-start")"));
    CHECK(count(notes, R"("eventType": "INVOKE")") == 1);
  }

  TEST_CASE("phork's own extension registers beside it") {
    const Scene scene;
    std::map<std::string, std::string> environment = scene.environment();
    environment["PHORK_GRACEFUL_SHUTDOWN"] = "on";
    const Served served(scene.app(), {"--extensions", scene.extensions()}, environment);
    CHECK(served.logs("EXTENSION\tName: phork\tState: Ready\tEvents: []"));
    CHECK(served.call().status == 200);
    CHECK_FALSE(contains(served.log(), "register extension"));
  }

  TEST_CASE("a folder that does not exist is refused") {
    const Scene scene;
    const Finished run = testing::run_program(
        testing::program("phork"), {"invoke", scene.app(), "--extensions", "/nonexistent"}, {});
    CHECK(run.status.code == 100);
    CHECK_MESSAGE(contains(run.output, "/nonexistent"), run.output);
  }
}
