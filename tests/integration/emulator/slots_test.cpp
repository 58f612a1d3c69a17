// SPDX-License-Identifier: MIT
//
// `phork serve --slots`: one environment serves several events at a time, as on Lambda Managed
// Instances.
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::count;
using testing::ScratchFolder;
using testing::Served;

constexpr unsigned kSlots = 3;

// Answers when as many events as there are slots run at the same time; after 20 s nevertheless.
constexpr const char* kMeet =
    "<?php return function (array $event) {\n"
    "    $name = $event['rawPath'];\n"
    "    touch(__DIR__ . \"/meeting$name\");\n"
    "    $end = microtime(true) + 20;\n"
    "    while (count(glob(__DIR__ . '/meeting/*')) < 3 && microtime(true) < $end) usleep(1000);\n"
    "    $met = count(glob(__DIR__ . '/meeting/*'));\n"
    "    return ['statusCode' => 200, 'body' => \"$name met $met of \"\n"
    "        . getenv('AWS_LAMBDA_MAX_CONCURRENCY') . ' as '\n"
    "        . getenv('AWS_LAMBDA_INITIALIZATION_TYPE')];\n"
    "};\n";

constexpr const char* kSleep =
    "<?php return function (array $event) {\n"
    "    if ($event['rawPath'] === '/long') { sleep(20); }\n"
    "    return ['statusCode' => 200, 'body' => 'served by ' . getmypid()];\n"
    "};\n";

testing::HttpCall get(const std::string& target) {
  testing::HttpCall call;
  call.target = target;
  return call;
}

// The bodies of requests that are sent at the same time.
std::vector<std::string> call_at_once(const Served& served, const std::vector<std::string>& paths) {
  std::vector<std::string> bodies(paths.size());
  std::vector<std::jthread> callers;
  for (std::size_t index = 0; index < paths.size(); ++index) {
    callers.emplace_back([&, index] { bodies[index] = served.call(get(paths[index])).body; });
  }
  callers.clear();
  return bodies;
}

}  // namespace

TEST_SUITE("slots") {
  TEST_CASE("events run at the same time in one environment, under every strategy") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const ScratchFolder folder;
      folder.write("index.php", kMeet);
      folder.make_folder("meeting");
      const Served served(folder.path(), {"--slots", std::to_string(kSlots), "--concurrency", "1",
                                          "--strategy", strategy});
      const std::vector<std::string> bodies = call_at_once(served, {"/a", "/b", "/c"});
      CHECK(bodies[0] == "/a met 3 of 3 as lambda-managed-instances");
      CHECK(bodies[1] == "/b met 3 of 3 as lambda-managed-instances");
      CHECK(bodies[2] == "/c met 3 of 3 as lambda-managed-instances");
      CHECK(count(served.log(), "platform.initStart") == 1);
    }
  }

  TEST_CASE("an event that takes too long ends alone") {
    const ScratchFolder folder;
    folder.write("index.php", kSleep);
    const Served served(folder.path(), {"--slots", "2", "--concurrency", "1", "--timeout", "2"},
                        {{"PHORK_DEADLINE_MARGIN_MS", "0"}});
    std::jthread late([&] { CHECK(served.call(get("/long")).status >= 500); });
    for (int event = 0; event < 3; ++event) {
      CHECK(contains(served.call(get("/short")).body, "served by"));
    }
    late.join();
    CHECK(contains(served.call(get("/short")).body, "served by"));
    CHECK(count(served.log(), "platform.initStart") == 1);
  }

  TEST_CASE("freezing and slots exclude one another") {
    const testing::Finished run =
        testing::run_program(testing::program("phork"), {"serve", "--slots", "2", "--freeze"}, {});
    CHECK(run.status.code == 100);
    CHECK_MESSAGE(contains(run.output, "--freeze"), run.output);
  }
}
