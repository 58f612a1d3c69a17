// SPDX-License-Identifier: MIT
//
// PHORK_LEARN: a zygote loads the classes and regular expressions that its children's events used,
// and must not take over anything else. Real bootstrap, real PHP.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

RuntimeOptions options_of(const std::string& learn) {
  RuntimeOptions options;
  options.handler = "learning.php";
  options.environment = {
      {"PHORK_LEARN", learn}, {"AWS_LAMBDA_LOG_LEVEL", "DEBUG"}, {"AWS_LAMBDA_LOG_FORMAT", "JSON"}};
  return options;
}

// The next event's child may have been forked before the zygote read the report of this event. So a
// second event follows; its child is forked later.
void teach(Runtime& runtime, const std::string& payload) {
  answer_of(runtime, payload);
  answer_of(runtime, "{}");
}

bool is_there(Runtime& runtime, const std::string& name) {
  return answer_of(runtime, R"({"ask":[")" + name + R"("]})").boolean("there." + name);
}

// Sends events until the class is there: on a busy machine the zygote is late.
bool comes_to_be_there(Runtime& runtime, const std::string& name) {
  for (int event = 0; event < 50; ++event) {
    if (is_there(runtime, name)) return true;
  }
  return false;
}

// The direct child of bootstrap; the others are children of the zygote.
pid_t zygote_of(const Runtime& runtime) {
  for (const pid_t pid : testing::descendant_pids(runtime.pid())) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string stat{std::istreambuf_iterator<char>(file), {}};
    std::istringstream rest(stat.substr(stat.rfind(')') + 1));
    std::string state;
    pid_t parent = 0;
    rest >> state >> parent;
    if (parent == runtime.pid()) return pid;
  }
  FAIL("no zygote");
  return 0;
}

constexpr std::uintptr_t kLargestMapping = std::uintptr_t{1} << 30;

// Which writable mappings of a process count: private ones, or shared ones as well.
enum class MemoryOf { kItself, kItselfAndOthers };

// How often `text` occurs in the memory of `pid`.
int count_in_memory(pid_t pid, const std::string& text, MemoryOf where) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps");
  std::ifstream memory("/proc/" + std::to_string(pid) + "/mem", std::ios::binary);
  int count = 0;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    std::string access;
    fields >> std::hex >> begin >> dash >> end >> access;
    if (access.substr(0, 2) != "rw") continue;
    if (where == MemoryOf::kItself && access[3] != 'p') continue;
    // Too large for memory: a sanitizer reserves such address space.
    if (end - begin > kLargestMapping) continue;
    std::string bytes(end - begin, '\0');
    memory.clear();
    memory.seekg(static_cast<std::streamoff>(begin));
    memory.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    for (std::size_t at = 0; (at = bytes.find(text, at)) != std::string::npos; ++at) ++count;
  }
  return count;
}

// A folder app/ with a handler and a class, of root, and a runtime of another user: to root nothing
// is read-only.
class ForeignDeployment {
 public:
  explicit ForeignDeployment(const std::string& handler) : handler_(handler) {
    const auto copy = [this](const std::string& name) {
      std::ifstream file(testing::source_path("tests/fixtures/handlers/" + name));
      folder_.write("app/" + name, std::string(std::istreambuf_iterator<char>(file), {}));
    };
    copy(handler);
    folder_.write("app/learning/Deployed.php", "<?php class Deployed {}");
    folder_.write("worker", "#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups " +
                                testing::program("php-worker") + " \"$@\"\n");
    for (const char* name : {"", "app", "app/learning", "worker"}) {
      REQUIRE(::chmod(at(name).c_str(), 0755) == 0);
    }
  }

  std::string at(const std::string& name) const { return folder_.file(name); }

  RuntimeOptions options() const {
    RuntimeOptions options = options_of("auto");
    options.handler = handler_;
    options.task_root = at("app");
    options.environment["PHORK_WORKER"] = at("worker");
    return options;
  }

 private:
  const std::string handler_;
  const ScratchFolder folder_;
};

constexpr const char* kUseAll = R"({"use":["Counter","Derived","Suit","Point"],"value":"first"})";

}  // namespace

TEST_SUITE("learning") {
  TEST_CASE("classes that one event autoloaded are there for the next, with fresh static state") {
    const ScratchFolder scratch;
    scratch.write("off.ini", "opcache.enable=0\n");
    for (const bool opcache : {true, false}) {
      CAPTURE(opcache);
      RuntimeOptions options = options_of("on");
      if (!opcache) {
        options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(scratch.path());
      }
      Runtime runtime(options);
      teach(runtime, kUseAll);
      REQUIRE(comes_to_be_there(runtime, "Point"));
      const Json later = answer_of(
          runtime, R"({"ask":["Counter","Contract","Shared","Base","Derived","Suit","Point"],)"
                   R"("use":["Counter","Derived","Suit","Point"],"value":"second"})");
      for (const char* name :
           {"Counter", "Contract", "Shared", "Base", "Derived", "Suit", "Point"}) {
        CHECK_MESSAGE(later.boolean(std::string("there.") + name), name);
      }
      CHECK(later.integer("used.Counter") == 12);
      CHECK(later.text("used.Derived") == "second second! second!?");
      CHECK(later.text("used.Suit") == "SpadesHearts");
      CHECK(later.text("used.Point") == "8S");
      CHECK(contains(later.raw("files"), "learning/Derived.php"));
      CHECK(answer_of(runtime, kUseAll).text("used.Derived") == "first first! first!?");
    }
  }

  TEST_CASE("a file that does more than declare is not loaded, nor a class that depends on it") {
    Runtime runtime(options_of("on"));
    teach(runtime, R"({"use":["Counter","SideEffect","ChildOfSideEffect","Conditional",)"
                   R"("Printing","Complaining","Suit"]})");
    REQUIRE(comes_to_be_there(runtime, "Suit"));
    const Json later = answer_of(
        runtime, R"({"ask":["Counter","SideEffect","ChildOfSideEffect","Conditional","Printing",)"
                 R"("Complaining"],"use":["ChildOfSideEffect"],"value":"x"})");
    CHECK(later.boolean("there.Counter"));
    for (const char* name :
         {"SideEffect", "ChildOfSideEffect", "Conditional", "Printing", "Complaining"}) {
      CHECK_FALSE_MESSAGE(later.boolean(std::string("there.") + name), name);
    }
    CHECK(later.integer("used.ChildOfSideEffect") == 1);
    const std::string output = runtime.output_when_idle();
    CHECK(contains(output, "learning/ChildOfSideEffect.php"));
    CHECK(output.find("learning/ChildOfSideEffect.php") ==
          output.rfind("learning/ChildOfSideEffect.php"));
    CHECK_FALSE(contains(output, "PHP Fatal"));
  }

  TEST_CASE("a learned file can be required by its path once, like any file") {
    Runtime runtime(options_of("on"));
    teach(runtime, R"({"use":["Counter"]})");
    REQUIRE(comes_to_be_there(runtime, "Counter"));
    for (int event = 0; event < 2; ++event) {
      const Json answer = answer_of(runtime, R"({"require":["Counter"],"use":["Counter"]})");
      CHECK(answer.raw("required") == "[1]");
      CHECK(answer.integer("used.Counter") == 12);
    }
    const auto twice = runtime.invoke(R"({"require":["Counter","Counter"]})");
    CHECK_FALSE(twice.answered());
    CHECK(contains(twice.body, "declare class Counter"));
  }

  TEST_CASE("files outside the task root and files made after the boot are not loaded") {
    const ScratchFolder code;
    const ScratchFolder elsewhere;
    code.write("learning.php", [] {
      std::ifstream file(testing::source_path("tests/fixtures/handlers/learning.php"));
      return std::string(std::istreambuf_iterator<char>(file), {});
    }());
    code.write("learning/Deployed.php", "<?php class Deployed {}");
    elsewhere.write("Compiled.php", "<?php class Compiled {}");
    RuntimeOptions options = options_of("on");
    options.task_root = code.path();
    options.environment["PHORK_TEST_FOLDER"] = elsewhere.path();
    Runtime runtime(options);
    answer_of(runtime, "{}");
    code.write("learning/Generated.php", "<?php class Generated {}");
    teach(runtime, R"({"use":["Generated","Compiled","Deployed"]})");
    CHECK(comes_to_be_there(runtime, "Deployed"));
    CHECK_FALSE(is_there(runtime, "Generated"));
    CHECK_FALSE(is_there(runtime, "Compiled"));
  }

  TEST_CASE("PHORK_LEARN=auto learns nothing from writable files, so that an edit is seen") {
    const ScratchFolder code;
    std::ifstream handler(testing::source_path("tests/fixtures/handlers/learning.php"));
    code.write("learning.php", std::string(std::istreambuf_iterator<char>(handler), {}));
    const auto version = [&code](const std::string& number) {
      code.write("learning/Edited.php", "<?php class Edited { public static function probe() { " +
                                            ("return " + number + "; } }"));
    };
    version("1");
    // Else opcache, too, may keep the file for two seconds.
    code.write("ini/opcache.ini", "opcache.revalidate_freq=0\n");
    RuntimeOptions options = options_of("auto");
    options.task_root = code.path();
    options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(code.file("ini"));
    Runtime runtime(options);
    teach(runtime, R"({"use":["Edited"]})");
    CHECK_FALSE(is_there(runtime, "Edited"));
    version("2");
    CHECK(answer_of(runtime, R"({"use":["Edited"]})").integer("used.Edited") == 2);
  }

  TEST_CASE("PHORK_LEARN=auto learns from files of another user, as on Lambda" *
            doctest::skip(::geteuid() != 0)) {
    const ForeignDeployment deployed("learning.php");
    Runtime runtime(deployed.options());
    teach(runtime, R"({"use":["Deployed"]})");
    CHECK(comes_to_be_there(runtime, "Deployed"));
  }

  TEST_CASE("a file that an event wrote is not loaded, whatever path it comes by" *
            doctest::skip(::geteuid() != 0)) {
    const ForeignDeployment deployed("learning_forged.php");
    const std::string drop = deployed.at("drop");
    std::filesystem::create_directory(drop);
    REQUIRE(::chmod(drop.c_str(), 01777) == 0);
    Runtime runtime(deployed.options());
    const std::string evil = drop + "/d/Evil.php";
    const Json first = answer_of(
        runtime, R"({"write":")" + evil + R"(","code":"<?php class Evil {}","use":"Deployed"})");
    // The next zygote is younger than the file.
    ::kill(static_cast<pid_t>(first.integer("zygote")), SIGKILL);
    const auto asked = [&runtime](const std::string& name) {
      return answer_of(runtime, R"({"ask":")" + name + R"("})");
    };
    REQUIRE(testing::eventually(
        [&] { return asked("Evil").integer("zygote") != first.integer("zygote"); }));
    const Json forged =
        answer_of(runtime, R"({"forge":")" + evil + R"(","as":")" + deployed.at("app") +
                               R"(/../drop/d/Evil.php","use":"Evil"})");
    CHECK(forged.boolean("loaded"));
    // Files are taken over in the order in which they were reported.
    answer_of(runtime, R"({"use":"Deployed"})");
    REQUIRE(testing::eventually([&] { return asked("Deployed").boolean("there"); }));
    CHECK_FALSE(asked("Evil").boolean("there"));
  }

  TEST_CASE("PHORK_LEARN=off learns nothing") {
    Runtime runtime(options_of("off"));
    teach(runtime, R"({"use":["Counter"]})");
    CHECK_FALSE(is_there(runtime, "Counter"));
  }

  TEST_CASE("an event that registers its own autoloader teaches nothing") {
    Runtime runtime(options_of("on"));
    teach(runtime, R"({"use":["Counter"],"late":true})");
    // A later lesson is there, so the first would be, too.
    teach(runtime, R"({"use":["Suit"]})");
    CHECK(comes_to_be_there(runtime, "Suit"));
    CHECK_FALSE(is_there(runtime, "Counter"));
    teach(runtime, R"({"use":["Counter"]})");
    CHECK(comes_to_be_there(runtime, "Counter"));
  }

  TEST_CASE("an event that is killed teaches nothing, and later events still teach") {
    Runtime runtime(options_of("on"));
    CHECK_FALSE(runtime.invoke(R"({"use":["Counter"],"end":"kill"})").answered());
    answer_of(runtime, "{}");
    CHECK_FALSE(is_there(runtime, "Counter"));
    teach(runtime, R"({"use":["Suit"]})");
    CHECK(comes_to_be_there(runtime, "Suit"));
  }

  TEST_CASE(
      "a regular expression is learned when it is a literal of the code, and never from an event" *
      doctest::skip(testing::kAddressSanitizer)) {  // which keeps freed memory
    Runtime runtime(options_of("on"));
    answer_of(runtime, "{}");
    const pid_t zygote = zygote_of(runtime);
    // A compiled expression holds the names of its groups, each with a zero behind it, which a copy
    // of the source text that was freed does not have.
    const std::string compiled("literal_in_learning_php\0", 24);
    CHECK(count_in_memory(zygote, compiled, MemoryOf::kItself) == 0);
    teach(runtime, R"({"use":["Counter"],"match":["/(?<told_by_the_event>x)/"]})");
    REQUIRE(comes_to_be_there(runtime, "Counter"));
    CHECK(count_in_memory(zygote, compiled, MemoryOf::kItself) > 0);
    CHECK(count_in_memory(zygote, "told_by_the_event", MemoryOf::kItselfAndOthers) == 0);
  }

  TEST_CASE("the zygote does not grow with its events" *
            doctest::skip(testing::kAddressSanitizer)) {  // which keeps freed memory
    Runtime runtime(options_of("on"));
    const auto serve = [&runtime](unsigned events) {
      for (unsigned event = 0; event < events; ++event) {
        answer_of(runtime, R"({"use":["Derived","SideEffect","Complaining"],"match":["/own)" +
                               std::to_string(event) + R"(/"]})");
      }
    };
    serve(20);
    const pid_t zygote = zygote_of(runtime);
    const long data = testing::memory_kb(zygote, "VmData");
    const long resident = testing::memory_kb(zygote, "RssAnon");
    serve(testing::event_count(1000));
    CHECK(zygote_of(runtime) == zygote);
    CHECK(testing::memory_kb(zygote, "VmData") == data);
    CHECK(testing::memory_kb(zygote, "RssAnon") <= resident + 64);
  }
}
