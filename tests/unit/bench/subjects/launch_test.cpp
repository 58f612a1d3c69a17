// SPDX-License-Identifier: MIT
#include "bench/subjects/launch.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "bench/subjects/cgi_subject.h"
#include "bench/subjects/web_server.h"
#include "bench/subjects/web_server_config.h"

using namespace phork::bench;

namespace {

Workload page() {
  return {.name = "page",
          .task_root = "/app",
          .handler = "i.php",
          .payload = "{}",
          .expected_text = ""};
}

}  // namespace

TEST_CASE("a strategy is bootstrap with its flag, under its own name") {
  const Launch launch = strategy_launch("/opt/bootstrap", "fork", page());
  CHECK(launch.label == "fork");
  CHECK(launch.strategy == "fork");
  CHECK(launch.program == "/opt/bootstrap");
  CHECK(launch.arguments == std::vector<std::string>{"--strategy=fork"});
  CHECK(launch.workload.name == "page");
}

TEST_CASE("another runtime is a name and a shell command, which may contain any character") {
  const auto launch = command_launch("bref=LOOPS=1 php run.php --a=b", page());
  REQUIRE(launch.ok());
  CHECK(launch->label == "bref");
  CHECK(launch->strategy.empty());
  CHECK(launch->program == "/bin/sh");
  CHECK(launch->arguments == std::vector<std::string>{"-c", "LOOPS=1 php run.php --a=b"});
  for (const char* wrong : {"", "bref", "=php", "bref=", "bref=  "}) {
    const auto refused = command_launch(wrong, page());
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().text.find("expected NAME=COMMAND") != std::string::npos);
  }
}

TEST_CASE("variables of the launch override those of the workload") {
  Launch launch = strategy_launch("/opt/bootstrap", "fork", page());
  launch.workload.environment = {{"X", "1"}};
  launch.environment = {{"X", "2"}};
  launch.metrics = false;
  const auto variables = environment_of(launch);
  CHECK(std::ranges::count(variables, "X=2") == 1);
  CHECK(std::ranges::count(variables, "X=1") == 0);
  CHECK(std::ranges::count(variables, "PHORK_METRICS=off") == 1);
}

TEST_CASE("an unknown baseline is refused with the list of names") {
  const auto refused = baseline_launch("apache", "/nonexistent", page());
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == phork::base::ErrorKind::kInvalid);
  for (const std::string_view name : baselines()) {
    CHECK(refused.error().text.find(name) != std::string::npos);
  }
}

TEST_CASE("the output of a CGI program has a status, by default 200") {
  const auto found = read_cgi_answer("Content-Type: text/html\r\n\r\nhello\r\n\r\nagain");
  REQUIRE(found.ok());
  CHECK(found.value() == Answer{200, "hello\r\n\r\nagain"});
  const auto moved = read_cgi_answer("Status: 302 Found\r\nLocation: /\r\n\r\n");
  REQUIRE(moved.ok());
  CHECK(moved.value() == Answer{302, ""});
  CHECK_FALSE(read_cgi_answer("Status: 200 OK\r\n").ok());
  CHECK_FALSE(read_cgi_answer("").ok());
}

TEST_CASE("servers listen on loopback, stay in their folder and have the given number of workers") {
  const WebSite site{"/tmp/here", "/app/public/index.php", 8123, 3, false};
  const std::string nginx = nginx_configuration(site);
  CHECK(nginx.find("listen 127.0.0.1:8123;") != std::string::npos);
  CHECK(nginx.find("root \"/app/public\";") != std::string::npos);
  CHECK(nginx.find("SCRIPT_FILENAME \"/app/public/index.php\";") != std::string::npos);
  CHECK(nginx.find("user root") == std::string::npos);
  const std::string fpm = fpm_configuration(site);
  CHECK(fpm.find("pm.max_children = 3\n") != std::string::npos);
  CHECK(fpm.find("listen = \"/tmp/here/fpm.sock\"\n") != std::string::npos);
  CHECK(fpm.find("user") == std::string::npos);
  CHECK(fpm_configuration({"/tmp/here", "/app/a.php", 1, 1, true}).find("user = 0\n") !=
        std::string::npos);
}

TEST_CASE("a request is sent with the client's headers except those of its connection") {
  phork::http::Request request;
  request.method = "POST";
  request.path = "/a%20b";
  request.query_string = "c=d";
  request.headers = {{"host", "example.org"},
                     {"connection", "close"},
                     {"content-length", "99"},
                     {"x-test", "1"},
                     {"x-test", "2"}};
  request.body = "body";
  CHECK(request_text(request) ==
        "POST /a%20b?c=d HTTP/1.1\r\nhost: example.org\r\nx-test: 1\r\nx-test: 2\r\n"
        "content-length: 4\r\n\r\nbody");
  phork::http::Request plain;
  plain.method = "GET";
  plain.path = "/";
  CHECK(request_text(plain) == "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
}
