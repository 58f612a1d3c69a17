// SPDX-License-Identifier: MIT
//
// PHORK_COMPRESS: answers of a real application to clients that take gzip, and to others.
#include <string>

#include <doctest/doctest.h>

#include "tests/support/http_client.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::ScratchFolder;
using testing::Served;

constexpr const char* kPage =
    "<?php\n"
    "header('ETag: \"v1\"');\n"
    "if ($_SERVER['REQUEST_URI'] === '/short') { echo 'short'; return; }\n"
    "echo str_repeat('hello ', 1000);\n";

testing::HttpCall call_for(const std::string& method, const std::string& target,
                           const std::string& accepts) {
  testing::HttpCall call;
  call.method = method;
  call.target = target;
  if (!accepts.empty()) call.headers.push_back({"Accept-Encoding", accepts});
  return call;
}

}  // namespace

TEST_SUITE("compression") {
  TEST_CASE("a client that takes gzip gets it, under every strategy but fpm") {
    const ScratchFolder folder;
    folder.write("index.php", kPage);
    for (const std::string& strategy : testing::all_strategies()) {
      if (strategy == "fpm") continue;
      CAPTURE(strategy);
      const Served served(folder.path(), {"--strategy", strategy}, {{"PHORK_COMPRESS", "on"}});
      const auto compressed = served.call(call_for("GET", "/", "br, gzip"));
      CHECK(compressed.header("content-encoding") == "gzip");
      CHECK(compressed.header("vary") == "Accept-Encoding");
      CHECK(compressed.header("etag") == "W/\"v1\"");
      CHECK(compressed.body.starts_with("\x1f\x8b"));
      CHECK(compressed.body.size() < 500);
      const auto plain = served.call(call_for("GET", "/", "gzip;q=0"));
      CHECK(plain.header("content-encoding").empty());
      CHECK(plain.header("vary") == "Accept-Encoding");
      CHECK(plain.body.size() == 6000);
      const auto head = served.call(call_for("HEAD", "/", "gzip"));
      CHECK(head.status == 200);
      CHECK(head.body.empty());
      CHECK(served.call(call_for("GET", "/short", "gzip")).body == "short");
    }
  }

  TEST_CASE("not unless it is asked for, and not through a REST API") {
    const ScratchFolder folder;
    folder.write("index.php", kPage);
    const Served off(folder.path());
    CHECK(off.call(call_for("GET", "/", "gzip")).body.size() == 6000);
    const Served rest(folder.path(), {"--payload", "v1"}, {{"PHORK_COMPRESS", "on"}});
    CHECK(rest.call(call_for("GET", "/", "gzip")).body.size() == 6000);
  }

  TEST_CASE("fpm leaves it to PHP, and says so") {
    const auto ended =
        testing::run_program(testing::program("bootstrap"), {"--strategy=fpm"},
                             {{"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9"}, {"PHORK_COMPRESS", "on"}});
    CHECK(ended.status.code == 100);
    CHECK_MESSAGE(testing::contains(ended.output, "zlib.output_compression"), ended.output);
  }
}
