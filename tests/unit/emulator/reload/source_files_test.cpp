// SPDX-License-Identifier: MIT
#include "emulator/reload/source_files.h"

#include <doctest/doctest.h>

using namespace phork::emulator;

TEST_CASE("code, configuration and templates are source") {
  for (const char* name :
       {"index.php", "page.html.twig", "page.blade.php", ".env", ".env.local", "services.yaml",
        "php.ini", "composer.json", "bootstrap", "view.phtml"}) {
    CAPTURE(name);
    CHECK(is_source_file(name));
  }
}

TEST_CASE("what editors keep beside a file, logs, data and pictures are not") {
  for (const char* name :
       {".index.php.swp", "index.php~", ".#index.php", "#index.php#", "4913", "index.php.tmp",
        "dev.log", "data.sqlite", "logo.png", ".php", "php", "index.php___jb_tmp___", ""}) {
    CAPTURE(name);
    CHECK_FALSE(is_source_file(name));
  }
}

TEST_CASE("the folders of the code are watched, vendor with them") {
  for (const char* folder : {"src", "vendor", "vendor/acme/lib/src", "config", "templates",
                             "src/var", "app/storage", "bootstrap", "env"}) {
    CAPTURE(folder);
    CHECK(may_hold_sources(folder));
  }
}

TEST_CASE("what the application writes, what is hidden and other tools' folders are not") {
  for (const char* folder : {"var", "storage", "bootstrap/cache", "node_modules",
                             "assets/node_modules", ".git", ".idea", "src/.cache"}) {
    CAPTURE(folder);
    CHECK_FALSE(may_hold_sources(folder));
  }
}
