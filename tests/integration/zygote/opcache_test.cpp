// SPDX-License-Identifier: MIT
//
// All events of a zygote share opcache's memory: cached code is current, and a process that dies
// while it writes to the cache leaves it usable.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <ctime>
#include <fcntl.h>
#include <future>
#include <iostream>
#include <random>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

// Strategies whose events share opcache's memory.
const std::vector<std::string> kSharing{"fork", "rollback"};

RuntimeOptions options_with(const std::string& strategy, const ScratchFolder& folder,
                            const std::string& ini) {
  folder.write("ini/opcache.ini", ini);
  RuntimeOptions options;
  options.handler = "includes.php";
  options.strategy = strategy;
  options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(folder.file("ini"));
  return options;
}

std::string event_for(const std::vector<std::string>& files) {
  std::string list;
  for (const std::string& file : files) list += (list.empty() ? "\"" : ",\"") + file + "\"";
  return R"({"files":[)" + list + "]}";
}

std::string returned(Runtime& runtime, const std::vector<std::string>& files) {
  const auto result = runtime.invoke(event_for(files));
  REQUIRE_MESSAGE(result.answered(), result.body << "\n" << runtime.output());
  return Json(result.body).raw("returned");
}

bool is_cached(Runtime& runtime, const std::string& file) {
  const auto result = runtime.invoke(R"({"cached":")" + file + R"("})");
  REQUIRE_MESSAGE(result.answered(), result.body << "\n" << runtime.output());
  return Json(result.body).boolean("cached");
}

// opcache does not cache a file in the first two seconds after it was written.
void make_old(const std::string& file, std::time_t seconds) {
  const timespec time{::time(nullptr) - seconds, 0};
  const timespec times[] = {time, time};
  REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
}

// A file that takes a while to compile and then returns its number.
std::string long_file(int number) {
  std::string code = "<?php\n";
  for (int i = 0; i < 300; ++i) {
    const std::string name = "f" + std::to_string(number) + "_" + std::to_string(i);
    code += "function " + name +
            "(array $a, int $b) { foreach ($a as $k => $v) { if ($v > $b) { "
            "return [$k => \"" +
            name + " $v\"]; } } return null; }\n";
  }
  return code + "return " + std::to_string(number) + ";\n";
}

// Kills the child that serves the event, which is the youngest descendant.
void kill_youngest(pid_t bootstrap) {
  const std::vector<pid_t> pids = testing::descendant_pids(bootstrap);
  if (pids.size() > 1) ::kill(*std::ranges::max_element(pids), SIGKILL);
}

}  // namespace

TEST_SUITE("opcache") {
  TEST_CASE("a file that is rewritten is served fresh by the next event") {
    for (const std::string& strategy : kSharing) {
      if (strategy == "rollback" && testing::kAddressSanitizer) continue;
      INFO("strategy " << strategy);
      const ScratchFolder folder;
      Runtime runtime(options_with(strategy, folder, "opcache.revalidate_freq=0\n"));
      const std::string file = folder.write("template.php", "<?php return 'first';\n");
      make_old(file, 60);
      CHECK(returned(runtime, {file}) == R"(["first"])");
      CHECK(returned(runtime, {file}) == R"(["first"])");
      CHECK(is_cached(runtime, file));
      folder.write("template.php", "<?php return 'second';\n");
      make_old(file, 30);
      CHECK(returned(runtime, {file}) == R"(["second"])");
    }
  }

  TEST_CASE("with PHP's own settings a rewritten file is seen when its two seconds are over") {
    const ScratchFolder folder;
    Runtime runtime(options_with("fork", folder, ""));
    const std::string file = folder.write("template.php", "<?php return 'first';\n");
    make_old(file, 60);
    CHECK(returned(runtime, {file}) == R"(["first"])");
    folder.write("template.php", "<?php return 'second';\n");
    make_old(file, 30);
    CHECK(testing::eventually([&] { return returned(runtime, {file}) == R"(["second"])"; }));
  }

  TEST_CASE("a file that is written after the boot gets cached") {
    for (const std::string& strategy : kSharing) {
      if (strategy == "rollback" && testing::kAddressSanitizer) continue;
      INFO("strategy " << strategy);
      const ScratchFolder folder;
      Runtime runtime(options_with(strategy, folder, ""));
      CHECK(returned(runtime, {}) == "[]");
      const std::string file = folder.write("new.php", "<?php return 'new';\n");
      CHECK(testing::eventually([&] {
        CHECK(returned(runtime, {file}) == R"(["new"])");
        return is_cached(runtime, file);
      }));
    }
  }

  TEST_CASE("children that are killed while they compile leave a cache that can be used") {
    const unsigned seed = std::random_device{}();
    std::cout << "seed " << seed << "\n";
    std::mt19937 random(seed);
    const ScratchFolder folder;
    // Room for all files, and for what the children that are killed leave of them.
    Runtime runtime(options_with("fork", folder, "opcache.memory_consumption=512\n"));
    std::vector<std::string> files;
    std::string all;
    int killed = 0;
    // Beside a load children compile later and longer, and fewer kills hit one that does.
    std::chrono::microseconds usual{6000};
    for (int round = 0; round < 64 || (killed < 5 && round < 256); ++round) {
      const std::string file =
          folder.write("long" + std::to_string(round) + ".php", long_file(round));
      make_old(file, 60);
      files.push_back(file);
      all += (all.empty() ? "" : ",") + std::to_string(round);
      const auto begin = std::chrono::steady_clock::now();
      auto result =
          std::async(std::launch::async, [&] { return runtime.invoke(event_for({file})); });
      std::this_thread::sleep_for(usual * (random() % 1000) / 1000);
      kill_youngest(runtime.pid());
      if (!result.get().answered()) {
        ++killed;
      } else {
        usual = std::chrono::duration_cast<std::chrono::microseconds>(
            std::chrono::steady_clock::now() - begin);
      }
    }
    // With fewer, the case has not tested anything.
    CHECK(killed > 4);
    // The last SIGKILL may have hit a child that waited for an event.
    CHECK(testing::eventually([&] { return runtime.invoke(event_for({})).answered(); }));
    CHECK(returned(runtime, files) == "[" + all + "]");
    CHECK(returned(runtime, files) == "[" + all + "]");
    CHECK(is_cached(runtime, files.back()));
  }
}
