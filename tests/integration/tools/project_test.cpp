// SPDX-License-Identifier: MIT
//
// phork.json: bootstrap and the commands of phork take it for granted, and `phork init` writes it.
// Real bootstrap, real PHP.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::Finished;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

constexpr const char* kHandler =
    "<?php return fn (array $event): array => ['seen' => getenv('FROM_FILE'), 'both' => "
    "getenv('IN_BOTH')];";

Finished invoke(const ScratchFolder& folder, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"invoke", folder.path()});
  return testing::run_program(testing::program("phork"), std::move(more), {});
}

Finished init(const ScratchFolder& folder, const std::string& name, std::vector<std::string> more) {
  more.insert(more.begin(), "init");
  more.push_back(folder.file(name));
  return testing::run_program(testing::program("phork"), std::move(more), {});
}

}  // namespace

TEST_SUITE("project") {
  TEST_CASE("bootstrap sets the file's variables, but not those that the environment has") {
    const ScratchFolder folder;
    folder.write("index.php", kHandler);
    folder.write("phork.json", R"({"handler": "none.php", "strategy": "exec",
                                   "environment": {"FROM_FILE": "file", "IN_BOTH": "file"}})");
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      RuntimeOptions options;
      options.task_root = folder.path();
      options.handler = "index.php";
      options.strategy = strategy;
      options.environment = {{"IN_BOTH", "environment"}};
      Runtime runtime(options);
      const testing::Json answer = answer_of(runtime, "{}");
      CHECK(answer.text("seen") == "file");
      CHECK(answer.text("both") == "environment");
    }
  }

  TEST_CASE("a mistake in the file stops bootstrap, with its line") {
    const ScratchFolder folder;
    folder.write("index.php", kHandler);
    folder.write("phork.json", "{\n\"memory\": 1\n}");
    const Finished ended =
        testing::run_program(testing::program("bootstrap"), {},
                             {{"LAMBDA_TASK_ROOT", folder.path()}, {"_HANDLER", "index.php"}});
    CHECK(ended.status.describe() == "exit code 100");
    CHECK_MESSAGE(contains(ended.output, "phork.json:2: memory: expected megabytes"), ended.output);
    const Finished invoked = invoke(folder);
    CHECK(invoked.status.describe() == "exit code 100");
    CHECK_MESSAGE(contains(invoked.output, "phork.json:2: memory: "), invoked.output);
  }

  TEST_CASE("invoke takes handler, strategy and memory from the file, unless a flag says more") {
    const ScratchFolder folder;
    folder.write("src/page.php", kHandler);
    folder.write("phork.json", R"({"handler": "src/page.php", "strategy": "inprocess",
                                   "memory": 512, "environment": {"FROM_FILE": "file"}})");
    const Finished ended = invoke(folder);
    CHECK_MESSAGE(contains(ended.output, R"({"seen":"file","both":false})"), ended.output);
    CHECK(contains(ended.output, "Memory Size: 512 MB"));
    // The line of a zygote, which other strategies have.
    CHECK_FALSE(contains(ended.output, "fork ready in "));
    const Finished told = invoke(folder, {"--memory", "640", "--strategy", "fork"});
    CHECK_MESSAGE(contains(told.output, "Memory Size: 640 MB"), told.output);
    CHECK(contains(told.output, "fork ready in "));
  }

  TEST_CASE("init writes a project that runs, and overwrites nothing") {
    const ScratchFolder folder;
    REQUIRE(init(folder, "new", {"function"}).status.clean());
    const Finished ended =
        testing::run_program(testing::program("phork"), {"invoke", folder.file("new")}, {});
    CHECK_MESSAGE(contains(ended.output, "Hello, you!"), ended.output);
    REQUIRE(init(folder, "page", {"script"}).status.clean());
    const Finished page =
        testing::run_program(testing::program("phork"),
                             {"invoke", folder.file("page"), "--request", "GET /?name=<b>"}, {});
    CHECK_MESSAGE(contains(page.output, "Hello, &lt;b&gt;!"), page.output);

    folder.write("new/phork.json", "{}");
    const Finished again = init(folder, "new", {"function"});
    CHECK(again.status.clean());
    CHECK(contains(again.output, "kept " + folder.file("new/phork.json")));
    CHECK(folder.read("new/phork.json") == "{}");
  }

  TEST_CASE("init tells a project's kind by its files") {
    const ScratchFolder folder;
    folder.write("laravel/artisan", "");
    folder.write("symfony/src/Kernel.php", "");
    folder.write("web/public/index.php", "mine");
    for (const auto& [name, entry] :
         {std::pair{"laravel", "bootstrap/app.php"}, {"symfony", "new App\\Kernel"}}) {
      const std::string project = name;
      CAPTURE(project);
      // The path is the second argument.
      const Finished ended = testing::run_program(
          "/bin/sh",
          {"-c", "cd \"$1\" && exec \"$0\" init", testing::program("phork"), folder.file(project)},
          {});
      REQUIRE(ended.status.clean());
      CHECK(contains(folder.read(project + "/phork.php"), entry));
      CHECK(contains(folder.read(project + "/phork.json"), "\"handler\": \"phork.php\""));
    }
    REQUIRE(init(folder, "web", {"script"}).status.clean());
    CHECK(folder.read("web/public/index.php") == "mine");
    CHECK(contains(folder.read("web/phork.json"), "public/index.php"));
    CHECK(init(folder, "web", {"scrip"}).status.describe() == "exit code 100");
    folder.write("file", "");
    CHECK(init(folder, "file", {"script"}).status.describe() == "exit code 100");
  }
}
