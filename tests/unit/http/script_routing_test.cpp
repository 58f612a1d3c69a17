// SPDX-License-Identifier: MIT
#include "runtime/http/script_routing.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"
#include "runtime/base/settings.h"

namespace phork::http {
namespace {

// A document root with an index.php, blog/index.php, tools/run.php and a file that is not a script.
class Root : private base::Pinned {
 public:
  Root() {
    std::string path = "/tmp/phork-site-XXXXXX";
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    path_ = path;
    for (const char* file : {"index.php", "blog/index.php", "tools/run.php", "tools/notes.txt",
                             ".hidden/run.php", "a b.php", "dir.php/x.txt"}) {
      const std::filesystem::path place = path_ / file;
      std::filesystem::create_directories(place.parent_path());
      std::ofstream(place) << "<?php\n";
    }
  }

  ~Root() { std::filesystem::remove_all(path_); }

  ScriptRouting site(base::Route route) const {
    return routing_of((path_ / "index.php").string(), route);
  }

 private:
  std::filesystem::path path_;
};

struct Row {
  std::string path;
  std::string name;
  std::string path_info;
};

void check(const ScriptRouting& site, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const Script script = find_script(site, base::EntryKind::kScript, row.path);
    CHECK(script.name == row.name);
    CHECK(script.path_info == row.path_info);
    CHECK(script.filename == site.document_root + row.name);
  }
}

}  // namespace

TEST_SUITE("http: script routing") {
  TEST_CASE("the entry's folder is the document root, and its path below it is its name") {
    CHECK(routing_of("/var/task/public/app.php", base::Route::kEntry).document_root ==
          "/var/task/public");
    CHECK(routing_of("/app.php", base::Route::kEntry).document_root == "");
    CHECK(find_script({"/var/task/public/index.php", "/var/task/public"}, base::EntryKind::kScript,
                      "/a")
              .name == "/index.php");
    CHECK(find_script({"/index.php", ""}, base::EntryKind::kScript, "/a").name == "/index.php");
    CHECK(find_script({"/var/task/admin/app.php", "/var/task"}, base::EntryKind::kScript, "/a")
              .name == "/admin/app.php");
    CHECK(find_script({"/elsewhere/app.php", "/var/task"}, base::EntryKind::kScript, "/a").name ==
          "/app.php");
    CHECK(find_script({"/var/tasks/app.php", "/var/task"}, base::EntryKind::kScript, "/a").name ==
          "/app.php");
  }

  TEST_CASE("with PHORK_ROUTE=entry, every path runs the entry") {
    const Root root;
    check(root.site(base::Route::kEntry), {
                                              {"/", "/index.php", ""},
                                              {"/blog/", "/index.php", ""},
                                              {"/tools/run.php", "/index.php", ""},
                                              {"/index.php", "/index.php", ""},
                                              {"/index.php/a%20b/", "/index.php", "/a b/"},
                                              {"/index.phpx/a", "/index.php", ""},
                                              {"/x/../index.php/a", "/index.php", "/a"},
                                          });
  }

  TEST_CASE("with PHORK_ROUTE=files, the path of a script runs it, and other paths run the entry") {
    const Root root;
    check(root.site(base::Route::kFiles),
          {
              {"/", "/index.php", ""},
              {"/blog/", "/blog/index.php", ""},
              {"/blog", "/index.php", ""},
              {"/blog/post", "/index.php", ""},
              {"/tools/run.php", "/tools/run.php", ""},
              {"/tools/run.php/a/b.php", "/tools/run.php", "/a/b.php"},
              {"/tools//./run.php", "/tools/run.php", ""},
              {"/tools/run%2Ephp", "/tools/run.php", ""},
              {"/a%20b.php", "/a b.php", ""},
              {"/tools/missing.php", "/index.php", ""},
              {"/tools/notes.txt", "/index.php", ""},
              {"/tools/", "/index.php", ""},
              {"/dir.php/x.txt", "/index.php", ""},
              {"/index.php/a", "/index.php", "/a"},
          });
  }

  TEST_CASE("a handler runs, whatever the route") {
    const Root root;
    const Script script =
        find_script(root.site(base::Route::kFiles), base::EntryKind::kHandler, "/tools/run.php/a");
    CHECK(script.name == "/index.php");
    CHECK(script.path_info == "");
  }

  TEST_CASE("no path reaches a file outside the document root or a hidden file") {
    const Root root;
    check(root.site(base::Route::kFiles), {
                                              {"/../../etc/passwd", "/index.php", ""},
                                              {"/tools/../../tools/run.php", "/tools/run.php", ""},
                                              {"/%2e%2e/%2e%2e/x.php", "/index.php", ""},
                                              {"/.hidden/run.php", "/index.php", ""},
                                              {"/tools/run.php%00.txt", "/index.php", ""},
                                              {"/tools/run.php%00", "/index.php", ""},
                                          });
  }
}

}  // namespace phork::http
