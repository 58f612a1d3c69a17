// SPDX-License-Identifier: MIT
#include "runtime/lambda/handler_path.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"

namespace phork::lambda {
namespace {

using base::ErrorKind;

class TaskRoot : private base::Pinned {
 public:
  TaskRoot() {
    std::string pattern = (std::filesystem::temp_directory_path() / "phork-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    ::chmod(path_.c_str(), 0755);
  }

  ~TaskRoot() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

  std::string add(const std::string& file) const {
    const std::filesystem::path whole = std::filesystem::path(path_) / file;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << "<?php\n";
    return whole.string();
  }

  std::string file(const std::string& handler) const {
    const auto entry = resolve_handler(handler, path_);
    return entry.ok() ? entry->file : entry.error().text;
  }

  std::string error(const std::string& handler) const {
    const auto entry = resolve_handler(handler, path_);
    if (entry.ok()) return "found " + entry->file;
    CHECK(entry.error().kind == ErrorKind::kInvalid);
    return entry.error().text;
  }

 private:
  std::string path_;
};

// Root can read everything, so under root the tests of permissions switch to user nobody.
class WithoutPrivileges : private base::Pinned {
 public:
  WithoutPrivileges() : before_(::geteuid()) {
    if (before_ == 0) CHECK(::seteuid(65534) == 0);
  }

  ~WithoutPrivileges() {
    if (before_ == 0) CHECK(::seteuid(0) == 0);
  }

 private:
  uid_t before_;
};

}  // namespace

TEST_SUITE_BEGIN("handler path");

TEST_CASE("a handler that ends in .php is a file below the task root") {
  const TaskRoot root;
  const std::string index = root.add("index.php");
  const std::string front = root.add("public/index.php");
  root.add("src/index.php");
  CHECK(root.file("index.php") == index);
  CHECK(root.file("./public/../index.php") == index);
  CHECK(root.file("public/index.php") == front);
  CHECK(resolve_handler("index.php", root.path())->function.empty());
}

TEST_CASE("a name is a file in src, otherwise in the task root") {
  const TaskRoot root;
  const std::string in_root = root.add("hello.php");
  CHECK(root.file("hello") == in_root);
  const std::string in_src = root.add("src/hello.php");
  CHECK(root.file("hello") == in_src);
  CHECK(resolve_handler("hello", root.path())->function.empty());
}

TEST_CASE("a name is the function of that name, where a line of its file declares one") {
  const auto function_in = [](const std::string& text) {
    const TaskRoot root;
    std::ofstream(root.add("src/hello.php")) << text;
    return resolve_handler("hello", root.path())->function;
  };
  CHECK(function_in("<?php\n\nfunction hello($data)\n{\n}\n") == "hello");
  CHECK(function_in("<?php\nfunction  hello (array $event) {}\n") == "hello");
  for (const char* const other :
       {"<?php return fn () => 1;", "<?php\nfunction hello2() {}\n", "<?php\nfunction hell() {}\n",
        "<?php\nclass A {\n  function hello() {}\n}\n",
        "<?php\nnamespace App;\nfunction hello() {}\n", "<?php\n// function hello()\n"}) {
    CAPTURE(other);
    CHECK(function_in(other).empty());
  }
  const TaskRoot root;
  std::ofstream(root.add("hello.php")) << "<?php\nfunction hello() {}\n";
  CHECK(resolve_handler("hello.php", root.path())->function.empty());
}

TEST_CASE("a name is a file of that very name when no file ends in .php: a console") {
  const TaskRoot root;
  const std::string console = root.add("bin/console");
  CHECK(root.file("bin/console") == console);
  CHECK(resolve_handler("bin/console", root.path())->function.empty());
  const std::string with_extension = root.add("bin/console.php");
  CHECK(root.file("bin/console") == with_extension);
  CHECK(root.error("bin").ends_with("/bin is a directory"));
}

TEST_CASE("the part after the last dot of a name is a function") {
  const TaskRoot root;
  const std::string hello = root.add("src/hello.php");
  const std::string deep = root.add("v1.2/app/hello.php");
  const auto entry = resolve_handler("hello.greet_2", root.path());
  REQUIRE(entry.ok());
  CHECK(entry->file == hello);
  CHECK(entry->function == "greet_2");

  const auto spaced = resolve_handler("v1.2/app/hello.App\\run", root.path());
  REQUIRE(spaced.ok());
  CHECK(spaced->file == deep);
  CHECK(spaced->function == "App\\run");
  CHECK(root.file("v1.2/app/hello") == deep);
}

TEST_CASE("a path outside the task root is used when it exists") {
  const TaskRoot root;
  const TaskRoot elsewhere;
  const std::string file = elsewhere.add("index.php");
  CHECK(root.file(file) == file);
  CHECK(root.file(elsewhere.path() + "/index.run") == file);
  const std::string name = std::filesystem::path(elsewhere.path()).filename().string();
  CHECK(root.file("../" + name + "/index.php") == file);
  CHECK(root.error("/no/such.php") ==
        "lambda: find handler '/no/such.php': no such file, tried /no/such.php");
}

TEST_CASE("a missing file is an error that lists what was tried, in order") {
  const TaskRoot root;
  CHECK(root.error("index.php") ==
        "lambda: find handler 'index.php': no such file, tried " + root.path() + "/index.php");
  CHECK(root.error("app/hello.run") ==
        "lambda: find handler 'app/hello.run': no such file, tried " + root.path() +
            "/src/app/hello.php, " + root.path() + "/app/hello.php");
  CHECK(root.error("artisan") == "lambda: find handler 'artisan': no such file, tried " +
                                     root.path() + "/src/artisan.php, " + root.path() +
                                     "/artisan.php, " + root.path() + "/artisan");
}

TEST_CASE("a file where a directory was expected counts as missing") {
  const TaskRoot root;
  root.add("index.php");
  CHECK(root.error("index.php/x.php").find("no such file, tried ") != std::string::npos);
}

TEST_CASE("an empty handler is an error that names _HANDLER") {
  CHECK(resolve_handler("", "/var/task").error().text ==
        "lambda: find handler: expected a PHP file in _HANDLER, got nothing");
}

TEST_CASE("a handler that is neither a file nor a name and a function is refused") {
  const TaskRoot root;
  for (const char* handler : {"hello.", ".run", "hello.2run", "hello.a b", "dir/", "dir/.run"}) {
    CHECK(root.error(handler) == "lambda: find handler '" + std::string(handler) +
                                     "': expected a file ending in .php, or name.function");
  }
}

TEST_CASE("a directory or a pipe is refused as handler") {
  const TaskRoot root;
  std::filesystem::create_directories(root.path() + "/index.php");
  CHECK(root.error("index.php") ==
        "lambda: find handler 'index.php': " + root.path() + "/index.php is a directory");
  REQUIRE(::mkfifo((root.path() + "/pipe.php").c_str(), 0600) == 0);
  CHECK(root.error("pipe.php") ==
        "lambda: find handler 'pipe.php': " + root.path() + "/pipe.php is not a regular file");
}

TEST_CASE("an unreadable file is an error and is not skipped") {
  const TaskRoot root;
  const std::string locked = root.add("src/hello.php");
  root.add("hello.php");
  REQUIRE(::chmod(locked.c_str(), 0) == 0);
  const WithoutPrivileges nobody;
  CHECK(root.error("hello") ==
        "lambda: find handler 'hello': cannot read " + locked + ": Permission denied");
}

TEST_CASE("a preboot file is below the task root; an empty name means no file") {
  const TaskRoot root;
  const std::string file = root.add("config/preboot.php");
  const std::string plain = root.add("warm");
  CHECK(resolve_preboot("config/preboot.php", root.path()).value() == file);
  CHECK(resolve_preboot("./config/../config/preboot.php", root.path()).value() == file);
  CHECK(resolve_preboot("warm", root.path()).value() == plain);
  CHECK(resolve_preboot("", root.path()).value().empty());
  CHECK(resolve_preboot("", "/no/such/root").value().empty());
}

TEST_CASE("BREF_RUNTIME puts the bridge to Bref in the place of the application's files") {
  const TaskRoot root;
  const std::string script = root.add("index.php");
  const std::string warm = root.add("warm.php");
  const auto found = [&root](const char* runtime, const char* handler, const char* preboot = "") {
    ::setenv("BREF_RUNTIME", runtime, 1);
    ::setenv("_HANDLER", handler, 1);
    ::setenv("PHORK_PREBOOT", preboot, 1);
    const auto files = find_entry_files(root.path(), "/php");
    for (const char* name : {"BREF_RUNTIME", "_HANDLER", "PHORK_PREBOOT"}) ::unsetenv(name);
    if (!files) return files.error().text;
    return files->entry.file + " " + files->preboot;
  };
  CHECK(found("", "index.php", "warm.php") == script + " " + warm);
  CHECK(found("console", "index.php") == script + " /php/Bridge/Bref/preboot.php");
  CHECK(found("function", "App\\Orders") == "/php/Bridge/Bref/function.php ");
  CHECK(found("function", "index.php", "warm.php") == "/php/Bridge/Bref/function.php " + warm);
  CHECK(found("function", "") ==
        "lambda: find handler: expected a PHP file in _HANDLER, got nothing");
  CHECK(found("fpm", "index.php") == script + " /php/Bridge/Bref/preboot.php");
  CHECK(found("fpm", "index.php", "warm.php") == script + " " + warm);
  CHECK(
      found("fpm", "App\\Orders").starts_with("lambda: find handler 'App\\Orders': no such file"));
}

TEST_CASE("a preboot file outside the task root is used when its path is absolute") {
  const TaskRoot root;
  const TaskRoot elsewhere;
  const std::string file = elsewhere.add("preboot.php");
  CHECK(resolve_preboot(file, root.path()).value() == file);
}

TEST_CASE("a preboot file has one possible path, and an error names the variable") {
  const TaskRoot root;
  root.add("src/preboot.php");
  std::filesystem::create_directories(root.path() + "/folder");
  const auto error = [&root](const char* name) {
    const auto file = resolve_preboot(name, root.path());
    REQUIRE_FALSE(file.ok());
    CHECK(file.error().kind == ErrorKind::kInvalid);
    return file.error().text;
  };
  CHECK(error("preboot.php") == "lambda: find PHORK_PREBOOT 'preboot.php': no such file, tried " +
                                    root.path() + "/preboot.php");
  CHECK(error("src/preboot") == "lambda: find PHORK_PREBOOT 'src/preboot': no such file, tried " +
                                    root.path() + "/src/preboot");
  CHECK(error("folder") ==
        "lambda: find PHORK_PREBOOT 'folder': " + root.path() + "/folder is a directory");
}

TEST_CASE("an unreadable preboot file is an error") {
  const TaskRoot root;
  const std::string locked = root.add("preboot.php");
  REQUIRE(::chmod(locked.c_str(), 0) == 0);
  const WithoutPrivileges nobody;
  CHECK(resolve_preboot("preboot.php", root.path()).error().text ==
        "lambda: find PHORK_PREBOOT 'preboot.php': cannot read " + locked + ": Permission denied");
}

TEST_SUITE_END();

}  // namespace phork::lambda
