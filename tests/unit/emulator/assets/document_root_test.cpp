// SPDX-License-Identifier: MIT
#include "emulator/assets/document_root.h"

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "emulator/assets/media_type.h"
#include "tests/support/scratch_folder.h"

using namespace phork::emulator;

namespace {

namespace fs = std::filesystem;

class Site {
 public:
  explicit Site(bool for_pages = true)
      : root_{folder_.make_folder("app/public"), "public/", for_pages} {
    folder_.write("secret.txt", "out");
    folder_.write("app/public/css/site.css", "css");
    folder_.write("app/public/index.php", "<?php");
    folder_.write("app/public/docs/index.html", "docs");
    folder_.write("app/public/both/index.html", "html");
    folder_.write("app/public/both/index.php", "<?php");
    folder_.write("app/public/.env", "KEY=1");
    folder_.write("app/public/.git/config.txt", "git");
  }

  Lookup find(std::string_view path) const { return find_asset(root_, path); }

  bool is_file(std::string_view path) const {
    return std::holds_alternative<FoundFile>(find(path));
  }

  bool is_event(std::string_view path) const { return std::holds_alternative<NoAsset>(find(path)); }

  std::string refusal(std::string_view path) const {
    const Lookup found = find(path);
    const auto* refused = std::get_if<NoSuchFile>(&found);
    return refused == nullptr ? "" : refused->reason;
  }

  void link(const std::string& name, const std::string& target) const {
    fs::create_symlink(target, root_.folder + '/' + name);
  }

  const phork::testing::ScratchFolder& folder() const { return folder_; }

 private:
  phork::testing::ScratchFolder folder_;
  DocumentRoot root_;
};

}  // namespace

TEST_SUITE("document root") {
  TEST_CASE("a file has the type that its name says, open for reading") {
    const Site site;
    const Lookup found = site.find("/css/site.css");
    REQUIRE(std::holds_alternative<FoundFile>(found));
    const auto& file = std::get<FoundFile>(found);
    CHECK(file.type == "text/css; charset=utf-8");
    CHECK(file.status.st_size == 3);
    std::string text(3, ' ');
    CHECK(::pread(file.file.get(), text.data(), text.size(), 0) == 3);
    CHECK(text == "css");
  }

  TEST_CASE("escapes and dots that stay inside lead to the file") {
    const Site site;
    for (const char* path : {"/css/%73ite.css", "/css//site.css", "/docs/../css/./site.css",
                             "/docs/%2e%2e/css/site.css", "/docs/..%2fcss/site.css"}) {
      CAPTURE(path);
      CHECK(site.is_file(path));
    }
  }

  TEST_CASE("a folder is its index.html, and the function's where it has an index.php") {
    const Site site;
    CHECK(site.is_file("/docs/"));
    CHECK(site.is_event("/both/"));
    CHECK(site.is_event("/both"));
    CHECK(site.is_event("/"));
    CHECK(site.is_event("/css"));
    CHECK(site.is_event("/css/"));
    const Lookup folder = site.find("/docs");
    REQUIRE(std::holds_alternative<FoundFolder>(folder));
    CHECK(std::get<FoundFolder>(folder).path == "/docs/");
  }

  TEST_CASE("a redirect to a folder leads to no other site") {
    const Site site;
    const Lookup folder = site.find("//docs");
    REQUIRE(std::holds_alternative<FoundFolder>(folder));
    CHECK(std::get<FoundFolder>(folder).path == "/docs/");
  }

  TEST_CASE("hidden files, PHP and names without a file are the function's") {
    const Site site;
    site.folder().write("app/public/old.PHP7", "<?php");
    site.folder().write("app/public/lib.inc", "<?php");
    for (const char* path :
         {"/.env", "/%2eenv", "/.git/config.txt", "/index.php", "/index.%70hp", "/old.PHP7",
          "/lib.inc", "/index.php/a", "/css/site.css/", "/nothing.css", "/hello/Ada"}) {
      CAPTURE(path);
      CHECK(site.is_event(path));
    }
    CHECK(site.is_event("/" + std::string(300, 'a')));
  }

  TEST_CASE("a path out of the root is refused, whatever its spelling") {
    const Site site;
    for (const char* path :
         {"/../secret.txt", "/../../secret.txt", "/%2e%2e/%2e%2e/secret.txt",
          "/css/../../../secret.txt", "/..%2f..%2fsecret.txt", "/.%2e/secret.txt",
          "/css/..//../../secret.txt", "/../public/css/site.css"}) {
      CAPTURE(path);
      CHECK(site.refusal(path) == "the path leads out of the document root");
    }
    CHECK(site.refusal("/css/site.css%00.html") == "the path has a NUL byte");
  }

  TEST_CASE("a symbolic link leads to files of the root only") {
    const Site site;
    site.link("inside.css", "css/site.css");
    site.link("out.txt", "../../secret.txt");
    site.link("absolute.txt", site.folder().file("secret.txt"));
    site.link("up", "../..");
    site.link("env.txt", ".env");
    site.link("code.txt", "index.php");
    site.link("nowhere.txt", "nothing");
    site.link("circle.txt", "circle.txt");
    CHECK(site.is_file("/inside.css"));
    for (const char* path : {"/out.txt", "/absolute.txt", "/up/secret.txt"}) {
      CAPTURE(path);
      CHECK(site.refusal(path) == "a symbolic link leads out of the document root");
    }
    for (const char* path : {"/env.txt", "/code.txt"}) {
      CAPTURE(path);
      CHECK(site.refusal(path) == "a symbolic link leads to a file that is not handed out");
    }
    CHECK(site.is_event("/nowhere.txt"));
    CHECK(site.is_event("/circle.txt"));
  }

  TEST_CASE("a folder beside the root whose name begins in the same way is outside") {
    const Site site;
    site.folder().write("app/public2/a.txt", "out");
    site.link("next", "../public2");
    CHECK(site.refusal("/next/a.txt") == "a symbolic link leads out of the document root");
  }

  TEST_CASE("a root that is a symbolic link is the folder behind it") {
    const Site site;
    const std::string link = site.folder().file("current");
    fs::create_symlink(site.folder().file("app/public"), link);
    CHECK(std::holds_alternative<FoundFile>(find_asset({link, "current/", true}, "/css/site.css")));
  }

  TEST_CASE("only regular files are opened") {
    const Site site;
    REQUIRE(::mkfifo(site.folder().file("app/public/pipe.txt").c_str(), 0600) == 0);
    CHECK(site.is_event("/pipe.txt"));
  }

  TEST_CASE("a file that may not be read is refused") {
    if (::geteuid() == 0) return;  // root reads everything
    const Site site;
    const std::string file = site.folder().write("app/public/closed.txt", "x");
    REQUIRE(::chmod(file.c_str(), 0) == 0);
    CHECK(site.refusal("/closed.txt") == "cannot be read: Permission denied");
  }

  TEST_CASE("where the application's own files lie, only known types are handed out") {
    const Site site(false);
    site.folder().write("app/public/app.sqlite", "x");
    site.folder().write("app/public/auth.json", "{}");
    site.folder().write("app/public/data/list.json", "[]");
    site.folder().write("app/public/Makefile", "x");
    CHECK(site.is_file("/css/site.css"));
    CHECK(site.is_file("/data/list.json"));
    for (const char* path : {"/app.sqlite", "/auth.json", "/Makefile", "/./auth.json"}) {
      CAPTURE(path);
      CHECK(site.is_event(path));
    }
    const Site pages;
    pages.folder().write("app/public/app.bin", "x");
    const Lookup found = pages.find("/app.bin");
    REQUIRE(std::holds_alternative<FoundFile>(found));
    CHECK(std::get<FoundFile>(found).type == "application/octet-stream");
  }

  TEST_CASE("a root that is gone is told apart from a file that is not there") {
    const Lookup found = find_asset({"/nonexistent/public", "public/", true}, "/a.css");
    REQUIRE(std::holds_alternative<NoAsset>(found));
    CHECK(std::get<NoAsset>(found).root_is_missing);
    const Site site;
    CHECK_FALSE(std::get<NoAsset>(site.find("/a.css")).root_is_missing);
  }

  TEST_CASE("types are those of the end of the name, in any case") {
    CHECK(media_type_of("/a/LOGO.PNG") == "image/png");
    CHECK(media_type_of("a.min.js") == "text/javascript; charset=utf-8");
    CHECK(media_type_of("a.woff2") == "font/woff2");
    CHECK(media_type_of("png").empty());
    CHECK(media_type_of("a.unknown").empty());
    CHECK(media_type_of("a.").empty());
  }
}
