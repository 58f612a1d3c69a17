// SPDX-License-Identifier: MIT
//
// A document root with several scripts: which script runs, and its paths in $_SERVER.
#include "tests/http/http_case.h"

namespace phork::http_suite {

HttpCases route_cases() {
  HttpCases cases{
      get("route: root", "/"),
      get("route: root with a query", "/?a=1"),
      get("route: no file", "/no/such/file"),
      get("route: the entry", "/index.php"),
      get("route: behind the entry", "/index.php/a/b?c=1"),
      get("route: a script", "/tool.php"),
      get("route: a script with a query", "/tool.php?a=1"),
      get("route: behind a script", "/tool.php/a/b"),
      get("route: behind a script, escaped", "/tool.php/a%20b/caf%C3%A9"),
      get("route: behind a script, another script", "/tool.php/index.php/x"),
      get("route: a script and a slash", "/tool.php/"),
      get("route: a folder with an index", "/admin/"),
      get("route: index of a folder", "/admin/index.php"),
      get("route: a script in a folder", "/admin/run.php/x?y=1"),
      get("route: no file in a folder", "/admin/nothing"),
      get("route: escaped name", "/with%20space.php"),
      get("route: two slashes", "//tool.php"),
      get("route: dots", "/admin/../tool.php"),
      get("route: dots beyond the root", "/admin/%2e%2e/tool.php/x", kUndecodedPath),
      get("route: longer extension", "/tool.php5"),
      get("route: extension in the middle", "/tool.php.bak"),
      post_form("route: a form to a script", "/tool.php/x", "a=1"),
  };
  return cases;
}

}  // namespace phork::http_suite
