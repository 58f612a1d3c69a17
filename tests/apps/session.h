// SPDX-License-Identifier: MIT
//
// One browser session, page by page, on all servers of an application: each page is requested from
// nginx with php-fpm first, then from phork, and all answers must agree. Prints a table of the
// pages.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/apps/servers.h"

namespace phork::apps {

struct Page {
  std::string name;
  int status = 200;
  std::string shows;  // a part of the answer that no error page has
  std::function<void(Browser&)> open;
};

// The parts are opened one after the other.
void compare_pages(const Application& application, const std::vector<std::vector<Page>>& parts);

}  // namespace phork::apps
