// SPDX-License-Identifier: MIT
//
// Compiled code that was made when the function was packaged (php-worker/sapi/file_cache.h). The
// cases change a source behind the cache's back, which only a test does: then its answer says
// whether it was compiled again.
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "tests/support/answers.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sanitizer.h"
#include "tests/support/scratch_folder.h"

namespace {

using namespace phork;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

constexpr const char* kFolder = ".phork/opcache";
constexpr time_t kCompiled = 1'700'000'000;  // the time of all sources

// A function whose answer is what the file `value.php`, or that of the event, returns.
class Deployment {
 public:
  explicit Deployment(const std::string& cache = "") : cache_(cache) {
    // For the unprivileged user, too.
    REQUIRE(::chmod(folder_.path().c_str(), 0755) == 0);
    write("index.php", "<?php return fn ($event) => include __DIR__ . '/' . $event['file'];");
    write("value.php", "<?php return 'compiled';");
    folder_.write("warm-up.json", R"({"file":"value.php"})");
    const testing::Finished compiled =
        testing::run_program(testing::program("php-worker"), {"--compile"},
                             {{"_HANDLER", "index.php"},
                              {"LAMBDA_TASK_ROOT", folder_.path()},
                              {"PHORK_FILE_CACHE", cache_},
                              {"PHORK_WARMUP", "warm-up.json"}});
    REQUIRE_MESSAGE(compiled.status.clean(), compiled.output);
    REQUIRE(files() > 0);
    write("value.php", "<?php return 'changed';");
  }

  // With the same time, so that PHP cannot see that it changes.
  void write(const std::string& name, const std::string& code) const {
    date(folder_.write(name, code), kCompiled);
  }

  void date(const std::string& file, time_t seconds) const {
    const timespec times[] = {{seconds, 0}, {seconds, 0}};
    REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
  }

  int files() const { return folder_.count_files(cache_.empty() ? kFolder : cache_); }

  const ScratchFolder& folder() const { return folder_; }

  RuntimeOptions options(const std::string& strategy) const {
    RuntimeOptions options;
    options.handler = "index.php";
    options.strategy = strategy;
    options.task_root = folder_.path();
    options.environment["PHORK_FILE_CACHE"] = cache_;
    return options;
  }

  RuntimeOptions unprivileged(const std::string& strategy) const {
    RuntimeOptions run = options(strategy);
    testing::drop_privileges(run);
    return run;
  }

 private:
  ScratchFolder folder_;
  std::string cache_;
};

std::string value_of(Runtime& runtime, const std::string& file = "value.php") {
  const auto result = runtime.invoke(R"({"file":")" + file + R"("})");
  REQUIRE_MESSAGE(result.answered(), result.body << "\n" << runtime.output());
  return result.body;
}

// Only root can start a program as another user.
bool has_users() {
  if (::geteuid() == 0) return true;
  MESSAGE("not run as root: skipped");
  return false;
}

}  // namespace

TEST_SUITE("file cache") {
  TEST_CASE("an unprivileged user reads compiled code and writes none") {
    if (!has_users()) return;
    for (const char* strategy : {"inprocess", "exec", "fork", "rollback"}) {
      if (testing::kAddressSanitizer && std::string(strategy) == "rollback") continue;
      INFO("strategy " << strategy);
      const Deployment deployment;
      const int files = deployment.files();
      Runtime runtime(deployment.unprivileged(strategy));
      CHECK(value_of(runtime) == R"("compiled")");
      deployment.write("other.php", "<?php return 'other';");
      CHECK(value_of(runtime, "other.php") == R"("other")");
      CHECK(deployment.files() == files);
    }
  }

  TEST_CASE("a source with another time is compiled again, whatever php.ini says") {
    if (!has_users()) return;
    const Deployment deployment;
    deployment.folder().write("ini/a.ini", "opcache.validate_timestamps=0\n");
    deployment.date(deployment.folder().file("value.php"), kCompiled + 1);
    RuntimeOptions options = deployment.unprivileged("fork");
    options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(deployment.folder().file("ini"));
    Runtime runtime(options);
    CHECK(value_of(runtime) == R"("changed")");
  }

  TEST_CASE("a folder to which an event could write is not read") {
    const Deployment deployment;
    Runtime runtime(deployment.options("fork"));
    CHECK(value_of(runtime) == R"("changed")");
    CHECK(runtime.output().find("is not used") != std::string::npos);
  }

  TEST_CASE("PHORK_FILE_CACHE names another folder, or none") {
    if (!has_users()) return;
    const Deployment deployment("code");
    Runtime named(deployment.unprivileged("inprocess"));
    CHECK(value_of(named) == R"("compiled")");
    RuntimeOptions options = deployment.unprivileged("inprocess");
    options.environment["PHORK_FILE_CACHE"] = "off";
    Runtime none(options);
    CHECK(value_of(none) == R"("changed")");
    options.environment["PHORK_FILE_CACHE"] = "nothing-there";
    Runtime missing(options);
    CHECK(value_of(missing) == R"("changed")");
    CHECK(missing.output().find("expected a folder, got") != std::string::npos);
  }
}
