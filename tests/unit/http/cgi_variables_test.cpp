// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/settings.h"
#include "runtime/http/cgi_event.h"

namespace phork::http {
namespace {

const ScriptRouting kSite{"/var/task/public/index.php", "/var/task/public"};
const CgiEnvironment kEnvironment{kSite, base::EntryKind::kHandler, R"({"awsRequestId":"r"})"};

using Variables = std::vector<event::NameValue>;

std::optional<std::string> find(const Variables& variables, std::string_view name) {
  const auto found =
      std::find_if(variables.begin(), variables.end(),
                   [&](const event::NameValue& variable) { return variable.name == name; });
  return found == variables.end() ? std::nullopt : std::optional(found->value);
}

std::optional<std::string> variable(const Request& request, std::string_view name) {
  return find(cgi_variables(request, kEnvironment), name);
}

Request get(Variables headers) {
  Request request;
  request.method = "GET";
  request.path = "/a%20b";
  request.headers = std::move(headers);
  return request;
}

std::optional<std::string> details_of(std::string_view members) {
  event::Invocation invocation;
  invocation.event = R"({"httpMethod":"GET","path":"/")" + std::string(members) + "}";
  const auto event = read_cgi_event(invocation, kSite, base::EntryKind::kHandler);
  REQUIRE(event.ok());
  return find(event->variables, kRequestDetails);
}

TEST_SUITE("CGI variables") {
  TEST_CASE("values of repeated headers and path parameters are kept apart for PSR-7") {
    CHECK(details_of(R"(,"multiValueHeaders":{"X-A":["a","b, c"],"Y":["1"],"x_z":["1","2"]},)"
                     R"("pathParameters":{"id":"7 é","n":1,"none":null})") ==
          R"({"headers":{"x-a":["a","b, c"]},"path":{"id":"7 é","n":"1"}})");
    CHECK(details_of(R"(,"pathParameters":{"proxy":"a/b"})") ==
          R"({"headers":{},"path":{"proxy":"a/b"}})");
    CHECK_FALSE(details_of(R"(,"headers":{"X-A":"a"},"pathParameters":null)"));
    CHECK_FALSE(details_of(R"(,"multiValueHeaders":{"Cookie":["a=1","b=2"]})"));
  }

  TEST_CASE("PHORK_SERVER_SOFTWARE is what the application sees of the server") {
    ::setenv("PHORK_SERVER_SOFTWARE", "nginx/1.22.1", 1);
    CHECK(variable(get({}), "SERVER_SOFTWARE") == "nginx/1.22.1");
    ::setenv("PHORK_SERVER_SOFTWARE", "", 1);
    CHECK(variable(get({}), "SERVER_SOFTWARE") == "phork/" PHORK_VERSION);
    ::unsetenv("PHORK_SERVER_SOFTWARE");
  }

  TEST_CASE("a request gives all variables that nginx would give") {
    Request request = get({{"host", "example.org:8443"},
                           {"content-type", "text/plain"},
                           {"content-length", "2"},
                           {"x-forwarded-proto", "https"},
                           {"x-forwarded-port", "8443"}});
    request.method = "POST";
    request.query_string = "q=1&r[]=%2F";
    request.protocol = "HTTP/2.0";
    request.remote_address = "203.0.113.7";
    request.request_context = R"({"stage":"dev"})";
    request.body = "hi";
    const Variables expected = {
        {"SCRIPT_FILENAME", "/var/task/public/index.php"},
        {"QUERY_STRING", "q=1&r[]=%2F"},
        {"REQUEST_METHOD", "POST"},
        {"CONTENT_TYPE", "text/plain"},
        {"CONTENT_LENGTH", "2"},
        {"SCRIPT_NAME", "/index.php"},
        {"PATH_INFO", ""},
        {"REQUEST_URI", "/a%20b?q=1&r[]=%2F"},
        {"DOCUMENT_URI", "/index.php"},
        {"DOCUMENT_ROOT", "/var/task/public"},
        {"SERVER_PROTOCOL", "HTTP/2.0"},
        {"REQUEST_SCHEME", "https"},
        {"HTTPS", "on"},
        {"GATEWAY_INTERFACE", "CGI/1.1"},
        {"FCGI_ROLE", "RESPONDER"},
        {"SERVER_SOFTWARE", "phork/" PHORK_VERSION},
        {"REMOTE_ADDR", "203.0.113.7"},
        {"REMOTE_PORT", "0"},
        {"REMOTE_USER", ""},
        {"SERVER_ADDR", "127.0.0.1"},
        {"SERVER_PORT", "8443"},
        {"SERVER_NAME", "example.org"},
        {"REDIRECT_STATUS", "200"},
        {"HTTP_HOST", "example.org:8443"},
        {"HTTP_CONTENT_TYPE", "text/plain"},
        {"HTTP_CONTENT_LENGTH", "2"},
        {"HTTP_X_FORWARDED_PROTO", "https"},
        {"HTTP_X_FORWARDED_PORT", "8443"},
        {"LAMBDA_REQUEST_CONTEXT", R"({"stage":"dev"})"},
        {"LAMBDA_INVOCATION_CONTEXT", R"({"awsRequestId":"r"})"},
    };
    CHECK(cgi_variables(request, kEnvironment) == expected);
  }

  TEST_CASE("no variable occurs twice") {
    const Variables variables = cgi_variables(
        get({{"host", "h"}, {"a", "1"}, {"a", "2"}, {"content-type", "t"}}), kEnvironment);
    std::set<std::string> names;
    for (const event::NameValue& variable : variables) CHECK(names.insert(variable.name).second);
  }

  TEST_CASE("variables of a bare request are empty or have a default") {
    const Variables variables = cgi_variables(get({}), kEnvironment);
    CHECK(find(variables, "QUERY_STRING") == "");
    CHECK(find(variables, "CONTENT_TYPE") == "");
    CHECK(find(variables, "CONTENT_LENGTH") == "");
    CHECK(find(variables, "REMOTE_ADDR") == "");
    CHECK(find(variables, "REQUEST_URI") == "/a%20b");
    CHECK(find(variables, "SERVER_NAME") == "localhost");
    CHECK(find(variables, "SERVER_PROTOCOL") == "HTTP/1.1");
    CHECK(find(variables, "LAMBDA_REQUEST_CONTEXT") == "{}");
    CHECK(find(variables, "PATH_INFO") == "");
    CHECK_FALSE(find(variables, "PHP_SELF"));
  }

  TEST_CASE("TLS is on unless the gateway says http") {
    struct Row {
      std::string_view proto;
      bool tls;
    };

    for (const Row& row : std::vector<Row>{{"https", true},
                                           {"HTTPS", true},
                                           {"http", false},
                                           {"HTTP", false},
                                           {"https, http", false},
                                           {"http, https", true},
                                           {"", true}}) {
      CAPTURE(row.proto);
      const Request request = get({{"x-forwarded-proto", std::string(row.proto)}});
      CHECK(variable(request, "HTTPS").has_value() == row.tls);
      CHECK(variable(request, "REQUEST_SCHEME") == (row.tls ? "https" : "http"));
      CHECK(variable(request, "SERVER_PORT") == (row.tls ? "443" : "80"));
    }
    CHECK(variable(get({}), "HTTPS") == "on");
  }

  TEST_CASE("an invalid port is ignored") {
    for (const std::string_view port : {"", "0", "65536", "-1", "80x", "x", " 80 81"}) {
      CHECK(variable(get({{"x-forwarded-port", std::string(port)}}), "SERVER_PORT") == "443");
    }
    CHECK(variable(get({{"x-forwarded-port", "65535"}}), "SERVER_PORT") == "65535");
    CHECK(variable(get({{"x-forwarded-port", "8080, 80"}}), "SERVER_PORT") == "80");
  }

  TEST_CASE("the server's name is the host without its port") {
    struct Row {
      std::string_view host;
      std::string_view name;
    };

    for (const Row& row : std::vector<Row>{{"example.org", "example.org"},
                                           {"example.org:80", "example.org"},
                                           {"Example.ORG", "example.org"},
                                           {"[2001:db8::1]", "[2001:db8::1]"},
                                           {"[2001:db8::1]:80", "[2001:db8::1]"},
                                           {":80", "localhost"},
                                           {"", "localhost"}}) {
      CHECK(variable(get({{"host", std::string(row.host)}}), "SERVER_NAME") ==
            std::string(row.name));
    }
  }

  TEST_CASE("the user of Basic credentials is the remote user; other credentials give none") {
    const auto user = [](std::string authorization) {
      return variable(get({{"authorization", std::move(authorization)}}), "REMOTE_USER");
    };
    CHECK(user("Basic dXNlcjpzZWNyZXQ=") == "user");
    CHECK(user("bASIC  dXNlcjphOmI=") == "user");
    for (const char* none : {"", "Basic", "Basic ", "Basic dXNlcg==", "Basic !", "Bearer dTpw"}) {
      CHECK(user(none) == "");
    }
  }

  TEST_CASE("repeated headers are joined by commas, cookies by semicolons") {
    const Request request =
        get({{"a", "1"}, {"cookie", "x=1"}, {"a", "2"}, {"b", ""}, {"cookie", "y=2"}, {"a", ""}});
    CHECK(variable(request, "HTTP_A") == "1, 2, ");
    CHECK(variable(request, "HTTP_COOKIE") == "x=1; y=2");
    CHECK(variable(request, "HTTP_B") == "");
  }

  TEST_CASE("HTTP_PROXY is never set") {
    for (const char* const name : {"proxy", "Proxy_", "pro_xy"}) {
      CHECK_FALSE(variable(get({{name, "http://evil"}}), "HTTP_PROXY"));
    }
    CHECK(variable(get({{"proxy-authorization", "x"}}), "HTTP_PROXY_AUTHORIZATION") == "x");
  }

  TEST_CASE("names that nginx ignores are ignored, so that no header can imitate another") {
    const std::size_t bare = cgi_variables(get({}), kEnvironment).size();
    for (const char* const name :
         {"x_forwarded_for", "x.y", "x y", "x\ny", "", "\xC3\xA9", "a=b", "a\"b"}) {
      CHECK(cgi_variables(get({{name, "v"}}), kEnvironment).size() == bare);
    }
    const Request request = get({{"x-forwarded-for", "1"}, {"x_forwarded_for", "2"}});
    CHECK(variable(request, "HTTP_X_FORWARDED_FOR") == "1");
  }

  TEST_CASE("the warmer of Bref is answered, and no other event") {
    CHECK(answer_warmer(R"({"warmer":true})") == R"(["Lambda is warm"])");
    CHECK(answer_warmer("\n{ \"warmer\" : true, \"source\": \"schedule\" }") ==
          R"(["Lambda is warm"])");
    for (const char* other :
         {R"({"warmer":false})", R"({"warmer":1})", R"({"warmer":"true"})", R"({"Warmer":true})",
          "{}", "true", "[true]", "", "{\"warmer\":true"}) {
      CAPTURE(other);
      CHECK_FALSE(answer_warmer(other));
    }
    const std::string large = R"({"warmer":true,"text":")" + std::string(100, 'x') + "\"}";
    CHECK_FALSE(answer_warmer(large));
  }

  TEST_CASE("header names become variables") {
    const Request request =
        get({{"x-my-header", "1"}, {"12345", "2"}, {"authorization", "Basic x"}});
    CHECK(variable(request, "HTTP_X_MY_HEADER") == "1");
    CHECK(variable(request, "HTTP_12345") == "2");
    CHECK(variable(request, "HTTP_AUTHORIZATION") == "Basic x");
  }
}

}  // namespace
}  // namespace phork::http
