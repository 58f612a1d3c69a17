// SPDX-License-Identifier: MIT
//
// `phork package --layer`: a layer runs where nothing else is, or only a system that is older than
// the one it was made of.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "packaging/archive/entry.h"
#include "packaging/archive/zip.h"
#include "runtime/base/settings.h"
#include "tests/integration/packaging/layers.h"
#include "tests/support/json.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
namespace fs = std::filesystem;
using testing::contains;
using testing::Finished;
using testing::Json;
using testing::made_layer;
using testing::ScratchFolder;

const std::string& application() {
  static const std::string folder = testing::source_path("tests/fixtures/packaging/layer");
  return folder;
}

std::string last_line(const std::string& output) {
  const std::size_t end = output.find_last_not_of('\n');
  const std::size_t begin = output.rfind('\n', end);
  return output.substr(begin == std::string::npos ? 0 : begin + 1);
}

std::string contents(const std::string& file) {
  const auto bytes = packaging::read_file(file, "test: read");
  REQUIRE(bytes.ok());
  return bytes.value();
}

// `phork package` refuses the arguments in one line, which holds `words`, and leaves nothing in
// the folder of its output but `kept`, nor in its own.
void check_refused(std::vector<std::string> arguments, const ScratchFolder& folder,
                   const std::string& words, int kept = 0) {
  INFO(words);
  if (std::ranges::find(arguments, "--root") == arguments.end()) {
    for (std::string& word : testing::layer_system()) arguments.push_back(std::move(word));
  }
  const Finished refused = testing::package(std::move(arguments));
  CHECK(refused.status.code == 100);
  CHECK(testing::count(refused.output, "\n") == 1);
  CHECK_MESSAGE(contains(refused.output, words), refused.output);
  CHECK(folder.count_files("") == kept);
}

// Everything that is the same under each strategy.
void check_facts(const Json& facts) {
  CHECK(facts.text("ini") == "/opt/phork/etc/php.ini");
  CHECK(facts.raw("foreign") == "[]");
  CHECK(facts.text("hour") == "01 CET");
  CHECK(facts.integer("zones") > 400);
  CHECK(facts.raw("documents") == R"(["é","é","€","日",""])");
  CHECK(facts.text("locale") == "C.UTF-8");
  CHECK(facts.raw("certificates") == "[true,true]");
  CHECK(facts.boolean("key"));
  CHECK(facts.text("type") == "text/x-php");
  CHECK(facts.raw("environment") == "[]");
  for (const char* name : {"Zend OPcache", "mbstring", "dom", "PDO"}) {
    CHECK_MESSAGE(contains(facts.raw("extensions"), std::string("\"") + name + "\""), name);
  }
  if (facts.text("rtmp") != "no curl") {
    CHECK(facts.text("rtmp") == "Out of memory");
    CHECK(contains(facts.text("ldap"), "LDAP"));
  }
  const bool has_system = !base::variable("PHORK_OLD_ROOT").empty();
  CHECK(facts.text("program").empty() != has_system);
}

}  // namespace

TEST_SUITE("layer") {
  TEST_CASE("it serves under every strategy where nothing else is there") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      const Finished served = testing::invoke_in_layer(application(), {"--strategy", strategy});
      REQUIRE_MESSAGE(served.status.clean(), served.output);
      check_facts(Json(last_line(served.output)));
    }
  }

  TEST_CASE("the same input makes the same bytes, and the manifest lists them") {
    const ScratchFolder folder;
    const std::string again = folder.file("layer.zip");
    std::vector<std::string> arguments{"--layer", "--with", "fpm", "--out", again, "--json"};
    for (std::string& word : testing::layer_system()) arguments.push_back(std::move(word));
    const Finished made = testing::package(std::move(arguments));
    REQUIRE_MESSAGE(made.status.clean(), made.output);
    CHECK(packaging::sha256(contents(again)) == packaging::sha256(contents(made_layer().zip)));
    CHECK(folder.count_files("") == 1);

    const auto size = packaging::unpacked_size(made_layer().zip);
    REQUIRE(size.ok());
    const Json sizes(made.output);
    const std::string manifest = contents(made_layer().manifest);
    const Json list(manifest);
    CHECK(sizes.text("php") == list.text("php"));
    CHECK(contains(manifest, R"("path":"/opt/bootstrap","link":"phork/bootstrap")"));
    const std::string libc = contents(made_layer().folder + "/phork/lib/libc.so.6");
    CHECK(contains(manifest, packaging::sha256(libc)));
    CHECK(contains(manifest, R"("package":"libc6")"));
  }

  TEST_CASE("programs and the loader can be executed, and all else only read") {
    const fs::path phork = made_layer().folder + "/phork";
    const auto mode = [&phork](const char* name) {
      return static_cast<unsigned>(fs::status(phork / name).permissions());
    };
    CHECK(mode("bootstrap") == 0755);
    CHECK(mode("php-worker") == 0711);
    CHECK(mode("lib/libc.so.6") == 0644);
    CHECK(fs::read_symlink(made_layer().folder + "/bootstrap") == "phork/bootstrap");
    CHECK(fs::exists(phork / "licenses/phork"));
    CHECK(fs::exists(phork / "licenses/glibc"));
  }

  TEST_CASE("a wrong order is refused in one line, and leaves nothing") {
    const ScratchFolder folder;
    const std::string out = folder.file("layer.zip");
    check_refused({"--layer", "--out", out, "--with", "foo"}, folder, "extension 'foo': not in");
    check_refused({"--layer", "--out", out, "--with", "foo"}, folder, "-foo, or --without foo");
    check_refused({"--layer", "--out", out, "--arch", "arm7"}, folder,
                  "expected amd64 or arm64, got 'arm7'");
    check_refused({"--layer", "--out", out, "--root", folder.path()}, folder,
                  "expected a Debian system");
    check_refused({"--layer", "--out", folder.path()}, folder,
                  "expected a path that can be written");
    check_refused({"--layer", "--out", folder.file("no/folder.zip")}, folder,
                  "expected a path that can be written");
    check_refused({"--layer", "--out", out, "--programs", "/usr/bin"}, folder,
                  "/usr/bin/php-worker");
    check_refused({"--out", out}, folder, "expected the folder of an application");
    const bool is_arm = contains(contents(made_layer().manifest), "\"architecture\":\"arm64\"");
    check_refused({"--layer", "--out", out, "--arch", is_arm ? "amd64" : "arm64"}, folder,
                  "(--arch), got");
  }
}
