// SPDX-License-Identifier: MIT
//
// `phork package DIR`: the zip of a function.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "packaging/archive/entry.h"
#include "runtime/process/spawn.h"
#include "tests/integration/packaging/layers.h"
#include "tests/support/eventually.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
namespace fs = std::filesystem;
using testing::contains;
using testing::Finished;
using testing::made_layer;
using testing::ScratchFolder;

constexpr const char* kHandler =
    "<?php\nrequire __DIR__ . '/lib/words.php';\n"
    "return static fn (array $event): array => ['said' => said_by_the_source()];\n";
constexpr const char* kLibrary =
    "<?php\nfunction said_by_the_source(): string { return 'compiled'; }\n";

// An application with files that belong into its package and files that do not.
void write_application(const ScratchFolder& folder) {
  folder.write("app/index.php", kHandler);
  folder.write("app/lib/words.php", kLibrary);
  folder.write("app/.git/config", "secret");
  folder.write("app/.env", "PASSWORD=secret");
  folder.write("app/tests/WordsTest.php", "<?php");
  folder.write("app/node_modules/a/index.js", "");
  folder.write("app/docs/big.txt", "text");
  fs::create_symlink("lib/words.php", folder.file("app/link.php"));
  fs::permissions(folder.path(), fs::perms::owner_all | fs::perms::others_exec |
                                     fs::perms::others_read | fs::perms::group_exec);
}

Finished package(const ScratchFolder& folder, std::vector<std::string> more) {
  more.insert(more.begin(), {folder.file("app"), "--out", folder.file("function.zip")});
  return testing::package(std::move(more));
}

std::string digest(const std::string& file) {
  const auto bytes = packaging::read_file(file, "test: read");
  REQUIRE(bytes.ok());
  return packaging::sha256(bytes.value());
}

std::string answer(const ScratchFolder& folder) {
  const Finished served =
      testing::invoke_in_layer(folder.file("task"), {"--strategy", "inprocess"});
  REQUIRE_MESSAGE(served.status.clean(), served.output);
  return testing::line_with(served.output, "\"said\"");
}

}  // namespace

TEST_SUITE("function package") {
  TEST_CASE("it has what runs, and nothing of development or secret") {
    const ScratchFolder folder;
    write_application(folder);
    const Finished made = package(folder, {"--no-compile", "--exclude", "docs"});
    REQUIRE_MESSAGE(made.status.clean(), made.output);
    CHECK(contains(made.output, "left out .env"));
    testing::unpack(folder.file("function.zip"), folder.file("task"));
    CHECK(folder.count_files("task") == 3);
    CHECK(folder.read("task/index.php") == kHandler);
    CHECK(fs::read_symlink(folder.file("task/link.php")) == "lib/words.php");
    // The application's own folder is as it was.
    CHECK(folder.count_files("app") == 8);

    const Finished whole = package(folder, {"--no-compile", "--include", ".env"});
    REQUIRE_MESSAGE(whole.status.clean(), whole.output);
    testing::unpack(folder.file("function.zip"), folder.file("whole"));
    CHECK(folder.has("whole/.env"));
    CHECK(folder.has("whole/docs/big.txt"));
  }

  TEST_CASE("secrets are left out of folders that are linked to, too") {
    const ScratchFolder folder;
    write_application(folder);
    folder.write("shared/.env", "PASSWORD=secret");
    folder.write("shared/.ssh/id_rsa", "secret");
    folder.write("shared/words.txt", "");
    folder.write("app/tests/.env", "");
    fs::create_symlink("../shared", folder.file("app/sh"));
    const Finished made = package(folder, {"--no-compile"});
    REQUIRE_MESSAGE(made.status.clean(), made.output);
    CHECK(contains(made.output, "left out .env, sh/.env, sh/.ssh, which may hold secrets"));
    testing::unpack(folder.file("function.zip"), folder.file("task"));
    CHECK(folder.has("task/sh/words.txt"));
    CHECK_FALSE(folder.has("task/sh/.env"));
    CHECK_FALSE(folder.has("task/sh/.ssh"));
  }

  TEST_CASE("outputs in the application are not part of the next package") {
    const ScratchFolder folder;
    write_application(folder);
    folder.write("app/phork-deploy/function.zip", "");
    const std::string zip = folder.file("app/function.zip");
    const std::vector<std::string> words{folder.file("app"),
                                         "--no-compile",
                                         "--out",
                                         zip,
                                         "--manifest",
                                         folder.file("app/function.json")};
    REQUIRE(testing::package(words).status.clean());
    const std::string first = digest(zip);
    REQUIRE(testing::package(words).status.clean());
    CHECK(first == digest(zip));
    testing::unpack(zip, folder.file("task"));
    CHECK_FALSE(folder.has("task/phork-deploy"));
  }

  TEST_CASE("an output replaces no file that is something else, and follows a link") {
    const ScratchFolder folder;
    write_application(folder);
    REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
    const auto complaint = [&](const std::string& out, const std::string& manifest) {
      std::vector<std::string> words{folder.file("app"), "--no-compile", "--out", out};
      if (!manifest.empty()) words.insert(words.end(), {"--manifest", manifest});
      const Finished ended = testing::package(words);
      CHECK(ended.status.code == (ended.status.clean() ? 0 : 100));
      return ended.status.clean() ? "" : ended.output;
    };
    const std::string zip = folder.file("out.zip");
    CHECK(contains(complaint(folder.file("pipe"), ""), "got a device, a pipe or a socket\n"));
    CHECK(fs::is_fifo(folder.file("pipe")));
    CHECK(contains(complaint(zip, folder.file("pipe")), "got a device, a pipe or a socket\n"));
    CHECK(contains(complaint(zip, zip), "expected two files for --out and --manifest\n"));
    CHECK(contains(complaint(folder.file("app/index.php"), ""), "got a file of the application"));
    CHECK(contains(complaint(zip, folder.file("app/index.php")), "got a file of the application"));
    CHECK(folder.read("app/index.php") == kHandler);
    CHECK_FALSE(folder.has("out.zip"));

    fs::create_symlink("out.zip", folder.file("link.zip"));
    CHECK(complaint(folder.file("link.zip"), "") == "");
    CHECK(fs::is_symlink(folder.file("link.zip")));
    CHECK(fs::is_regular_file(folder.file("out.zip")));
  }

  TEST_CASE("a hangup leaves nothing temporary") {
    const ScratchFolder folder;
    write_application(folder);
    const std::string temporary = folder.make_folder("tmp");
    const std::string pipe = folder.file("layer.zip");  // nobody writes: the program waits for it
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    process::SpawnOptions options;
    options.program = testing::program("phork");
    options.arguments = {"phork", "package", folder.file("app"),         "--layer",
                         pipe,    "--out",   folder.file("function.zip")};
    options.environment = {"TMPDIR=" + temporary};
    const auto started = process::Process::spawn(options);
    REQUIRE(started.ok());
    REQUIRE(testing::eventually([&] { return !fs::is_empty(temporary); }));
    started.value()->signal(SIGHUP);
    static_cast<void>(started.value()->wait());
    CHECK(fs::is_empty(temporary));
  }

  TEST_CASE("links into Lambda's folders stay, and one that leads to nothing is named") {
    const ScratchFolder folder;
    write_application(folder);
    fs::create_symlink("/tmp/none-of-phork/cache", folder.file("app/cache"));
    fs::create_symlink("/var/task/lib/words.php", folder.file("app/words.php"));
    fs::create_symlink("/none/here", folder.file("app/lost"));
    fs::create_symlink("/tmp", folder.file("app/clone"));
    const Finished made = package(folder, {"--no-compile"});
    REQUIRE_MESSAGE(made.status.clean(), made.output);
    CHECK(contains(made.output,
                   "links to /tmp, which is empty when Lambda starts the function: "
                   "clone -> /tmp\n"));
    CHECK(contains(made.output, "left out links that lead to nothing here: lost -> /none/here\n"));
    testing::unpack(folder.file("function.zip"), folder.file("task"));
    CHECK(fs::is_symlink(folder.file("task/cache")));
    CHECK(fs::is_symlink(folder.file("task/words.php")));
  }

  TEST_CASE("an empty folder is there, and a link to what is left out is named") {
    const ScratchFolder folder;
    write_application(folder);
    folder.make_folder("app/storage/empty");
    fs::create_symlink("node_modules", folder.file("app/nm"));
    const Finished made = package(folder, {"--no-compile"});
    REQUIRE_MESSAGE(made.status.clean(), made.output);
    CHECK(contains(made.output, "lead to nothing in the package: nm -> node_modules\n"));
    testing::unpack(folder.file("function.zip"), folder.file("task"));
    CHECK(fs::is_directory(folder.file("task/storage/empty")));
  }

  TEST_CASE("a link that leads back to itself is named at once") {
    for (const char* target : {"..", "self", "../one"}) {
      CAPTURE(target);
      const ScratchFolder folder;
      write_application(folder);
      fs::create_symlink(target, folder.file("app/self"));
      folder.make_folder("one");
      folder.make_folder("two");
      fs::create_symlink("../two", folder.file("one/b"));
      fs::create_symlink("../one", folder.file("two/a"));
      const Finished refused = package(folder, {"--no-compile"});
      CHECK(refused.status.code == 100);
      CHECK(contains(refused.output, "follow link '" + folder.file("app/self")));
      CHECK(contains(refused.output, "does not lead back to itself"));
      CHECK(testing::count(refused.output, "\n") == 1);
      CHECK(package(folder, {"--no-compile", "--exclude", "self"}).status.clean());
    }
  }

  TEST_CASE("Composer reads auth.json, which is not packaged") {
    if (::access("/usr/bin/composer", X_OK) != 0) {
      MESSAGE("skipped: no composer");
      return;
    }
    const ScratchFolder folder;
    write_application(folder);
    folder.write(
        "app/composer.json",
        R"({"scripts": {"post-autoload-dump": "cat $COMPOSER_HOME/auth.json >seen.txt"}})");
    const std::string secret = R"({"http-basic": {}})";
    folder.write("app/auth.json", secret);
    const Finished made = package(folder, {"--no-compile"});
    REQUIRE_MESSAGE(made.status.clean(), made.output);
    testing::unpack(folder.file("function.zip"), folder.file("task"));
    CHECK(folder.read("task/seen.txt") == secret);
    CHECK_FALSE(folder.has("task/auth.json"));
    // Composer puts one into a cache, for which it has no folder here, as there is no HOME.
    CHECK_FALSE(folder.has("task/.htaccess"));
  }

  TEST_CASE("a package at a path that the copy does not see is told what to do") {
    if (::access("/usr/bin/composer", X_OK) != 0) {
      MESSAGE("skipped: no composer");
      return;
    }
    const ScratchFolder folder;
    write_application(folder);
    folder.write("lib/composer.json", R"({"name": "acme/lib", "version": "1.0.0"})");
    folder.write("app/composer.json",
                 R"({"repositories": [{"type": "path", "url": "../lib"}, {"packagist.org": false}],
                     "require": {"acme/lib": "1.0.0"}})");
    const auto refusal = [&folder] {
      const Finished refused = package(folder, {"--no-compile"});
      CHECK(refused.status.code == 100);
      return refused.output;
    };
    const std::string advice = R"(or set "symlink": false for it, run composer install --no-dev)";
    CHECK(contains(refusal(), advice));
    folder.write("app/composer.lock",
                 R"({"packages": [{"name": "acme/lib", "version": "1.0.0",
                                   "dist": {"type": "path", "url": "/tmp/lib"}}],
                     "packages-dev": [], "aliases": [], "minimum-stability": "stable",
                     "stability-flags": [], "platform": [], "platform-dev": []})");
    CHECK(contains(refusal(), advice));
    CHECK_FALSE(contains(refusal(), "as it is"));
  }

  TEST_CASE("compiled code is used at a cold start, whatever time its sources have") {
    const ScratchFolder folder;
    write_application(folder);
    const Finished made = package(folder, {"--layer", made_layer().zip});
    REQUIRE_MESSAGE(made.status.clean(), made.output);
    testing::unpack(folder.file("function.zip"), folder.file("task"));
    CHECK(folder.has("task/.phork/opcache/packaged"));
    CHECK(contains(answer(folder), "compiled"));
    // This cannot be seen unless the compiled code serves.
    folder.write("task/lib/words.php",
                 "<?php\nfunction said_by_the_source(): string { return 'source'; }\n");
    CHECK(contains(answer(folder), "compiled"));
    fs::remove_all(folder.file("task/.phork"));
    CHECK(contains(answer(folder), "source"));
  }

  TEST_CASE("the same application makes the same bytes") {
    const ScratchFolder folder;
    write_application(folder);
    REQUIRE(package(folder, {"--layer", made_layer().zip}).status.clean());
    const std::string first = digest(folder.file("function.zip"));
    REQUIRE(package(folder, {"--layer", made_layer().zip}).status.clean());
    CHECK(first == digest(folder.file("function.zip")));
  }

  TEST_CASE("a handler that is not in the package is named") {
    const ScratchFolder folder;
    write_application(folder);
    const Finished missing = package(folder, {"--no-compile", "--handler", "other.php"});
    CHECK(missing.status.code == 100);
    CHECK(contains(missing.output, "find handler 'other.php' in the package: no such file"));
    const Finished left_out = package(folder, {"--no-compile", "--exclude", "index.php"});
    CHECK(left_out.status.code == 100);
    CHECK(contains(left_out.output, "it is left out: --include it"));
    CHECK_FALSE(folder.has("function.zip"));
  }

  TEST_CASE("an application over Lambda's limit is refused, and its largest folders are named") {
    const ScratchFolder folder;
    write_application(folder);
    folder.write("app/media/films/one.bin", "");
    constexpr std::uintmax_t kTooLarge = std::uintmax_t{251} * 1024 * 1024;
    fs::resize_file(folder.file("app/media/films/one.bin"), kTooLarge);
    const Finished refused = package(folder, {"--no-compile"});
    CHECK(refused.status.code == 100);
    CHECK(contains(refused.output, "expected at most 250.0 MB unzipped"));
    CHECK(contains(refused.output, "largest folders are media/films 251.0 MB"));
    CHECK_FALSE(folder.has("function.zip"));
  }

  TEST_CASE("an application that does not boot is not packaged with compiled code") {
    const ScratchFolder folder;
    write_application(folder);
    folder.write("app/boot.php", "<?php\nthrow new Exception('no database');\n");
    const Finished refused =
        package(folder, {"--layer", made_layer().zip, "--env", "PHORK_PREBOOT=boot.php"});
    CHECK(refused.status.code == 100);
    CHECK(contains(refused.output, "run php-worker --compile"));
    CHECK(contains(refused.output, "no database"));
    CHECK(contains(refused.output, "--no-compile"));
  }

  TEST_CASE("a rehearsal that does not fit the handler is named, with what to set") {
    const ScratchFolder folder;
    write_application(folder);
    const Finished refused =
        package(folder, {"--layer", made_layer().zip, "--env", "PHORK_WARMUP=GET /"});
    CHECK(refused.status.code == 100);
    CHECK(contains(refused.output, "the entry is a handler and takes JSON files, not requests"));
    CHECK(contains(refused.output, "--template function or --set Warmup=; phork package: --env"));
    CHECK_FALSE(contains(refused.output, "--no-compile"));
  }
}
