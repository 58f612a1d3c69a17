// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "emulator/reload/source_watch.h"

using namespace phork::emulator;

TEST_CASE("code, configuration and templates are source") {
  for (const char* name :
       {"index.php", "page.html.twig", "page.blade.php", ".env", ".env.local", "services.yaml",
        "php.ini", "composer.json", "bootstrap", "view.phtml"}) {
    CAPTURE(name);
    CHECK(is_source_file(name));
  }
}

TEST_CASE("editors' backups, logs, data and pictures are not source") {
  for (const char* name :
       {".index.php.swp", "index.php~", ".#index.php", "#index.php#", "4913", "index.php.tmp",
        "dev.log", "data.sqlite", "logo.png", ".php", "php", "index.php___jb_tmp___", ""}) {
    CAPTURE(name);
    CHECK_FALSE(is_source_file(name));
  }
}

TEST_CASE("the folders of the code are watched, vendor included") {
  for (const char* folder : {"src", "vendor", "vendor/acme/lib/src", "config", "templates",
                             "src/var", "app/storage", "bootstrap", "env"}) {
    CAPTURE(folder);
    CHECK(may_hold_sources(folder));
  }
}

TEST_CASE(
    "folders that the application writes, hidden ones and those of other tools are not watched") {
  for (const char* folder : {"var", "storage", "bootstrap/cache", "node_modules",
                             "assets/node_modules", ".git", ".idea", "src/.cache"}) {
    CAPTURE(folder);
    CHECK_FALSE(may_hold_sources(folder));
  }
}
