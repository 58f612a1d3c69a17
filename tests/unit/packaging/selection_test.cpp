// SPDX-License-Identifier: MIT
#include "packaging/function/selection.h"

#include <doctest/doctest.h>

namespace {

using namespace phork;
using packaging::is_selected;
using packaging::Selection;

}  // namespace

TEST_SUITE("selection") {
  TEST_CASE("development and secrets stay at home") {
    const Selection usual;
    for (const char* path :
         {".git/config", "vendor/a/.git/HEAD", "tests/AppTest.php", "node_modules/a/b.js",
          "web/node_modules/a.js", ".env", ".env.local", "config/.env", "a/b/.env.prod", "a/.envrc",
          "auth.json", "shared/auth.json", ".ssh/id_rsa", "home/.aws/credentials",
          "var/log/dev.log", "var/cache/dev/a.php", "composer.phar", "phpunit.xml.dist",
          ".phork/opcache/a/b.bin"}) {
      CHECK_FALSE_MESSAGE(is_selected(usual, path), path);
    }
    for (const char* path : {"index.php", "src/tests/a.php", "vendor/a/tests/b.php",
                             "src/.environment", "vendor/a/.env.example", ".env.dist",
                             "var/data.db", "bootstrap/app.php", "public/build/app.js"}) {
      CHECK_MESSAGE(is_selected(usual, path), path);
    }
  }

  TEST_CASE("patterns add to that, and inclusion wins") {
    Selection selection;
    selection.exclude = {"*.psd", "assets/raw"};
    selection.include = {".env", "assets/raw/keep.png"};
    CHECK(is_selected(selection, ".env"));
    CHECK_FALSE(is_selected(selection, "a/b.psd"));
    CHECK_FALSE(is_selected(selection, "assets/raw/other.png"));
    CHECK(is_selected(selection, "assets/raw/keep.png"));
    CHECK(is_selected(selection, "assets/rawness.png"));
  }

  TEST_CASE("caches are kept when nothing makes them anew") {
    Selection selection;
    CHECK_FALSE(is_selected(selection, "var/cache/prod/a.php"));
    selection.keeps_caches = true;
    CHECK(is_selected(selection, "var/cache/prod/a.php"));
    CHECK(is_selected(selection, "bootstrap/cache/packages.php"));
  }
}
