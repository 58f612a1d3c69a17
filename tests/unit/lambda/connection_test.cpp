// SPDX-License-Identifier: MIT
#include <future>

#include <doctest/doctest.h>

#include "runtime/lambda/http_runtime_api.h"
#include "tests/unit/lambda/servers.h"

namespace phork::lambda {
namespace {

using base::ErrorKind;
using testing::Connection;
using testing::event_response;
using testing::ScriptedServer;
using testing::status_response;

event::Invocation invocation_of(const std::string& request_id) {
  event::Invocation invocation;
  invocation.request_id = request_id;
  return invocation;
}

void serve_one_event(Connection& connection) {
  connection.read_request();
  connection.send(event_response("r-1"));
  connection.read_request();
  connection.send(status_response("202 Accepted"));
}

}  // namespace

TEST_SUITE_BEGIN("connection");

TEST_CASE("requests have the bytes that the Runtime API documents") {
  std::string next;
  std::string response;
  ScriptedServer server({[&](Connection& connection) {
    next = connection.read_request();
    connection.send(
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: r-1\r\n"
        "Lambda-Runtime-Invocation-Id: a%2Fb\r\nContent-Length: 2\r\n\r\n{}");
    response = connection.read_request();
    connection.send(status_response("202 Accepted"));
  }});
  HttpRuntimeApi api(server.endpoint());
  const auto got = api.next();
  REQUIRE(got.ok());
  REQUIRE(api.respond(got.value(), {"[1]"}).ok());
  server.join();

  const std::string host = "Host: " + server.endpoint().text() + "\r\n";
  const std::string agent = "User-Agent: aws-lambda-phork/" PHORK_VERSION "\r\n";
  CHECK(next == "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n" + host + agent + "\r\n");
  CHECK(response == "POST /2018-06-01/runtime/invocation/r-1/response HTTP/1.1\r\n" + host + agent +
                        "Content-Type: application/json\r\nLambda-Runtime-Invocation-Id: a%2Fb\r\n"
                        "Content-Length: 3\r\n\r\n[1]");
}

TEST_CASE("a refused connection is a disconnection that names the address") {
  const Endpoint endpoint = testing::closed_endpoint();
  HttpRuntimeApi api(endpoint);
  const auto got = api.next();
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().kind == ErrorKind::kDisconnected);
  CHECK(got.error().text ==
        "lambda: get '" + endpoint.text() + "': cannot connect: Connection refused");

  const auto posted = api.fail_init({"Runtime.X", "m", {}});
  REQUIRE_FALSE(posted.ok());
  CHECK(posted.error().kind == ErrorKind::kDisconnected);
  CHECK(posted.error().text ==
        "lambda: post '" + endpoint.text() + "': cannot connect: Connection refused");
}

TEST_CASE("a connection that the server closed while idle is replaced, for next and for answers") {
  std::promise<void> first_closed;
  std::promise<void> second_closed;
  ScriptedServer server({[&](Connection& connection) {
                           serve_one_event(connection);
                           connection.close();
                           first_closed.set_value();
                         },
                         [&](Connection& connection) {
                           connection.read_request();
                           connection.send(event_response("r-2"));
                           connection.close();
                           second_closed.set_value();
                         },
                         [](Connection& connection) {
                           connection.read_request();
                           connection.send(status_response("202 Accepted"));
                         }});
  HttpRuntimeApi api(server.endpoint());
  const auto first = api.next();
  REQUIRE(first.ok());
  REQUIRE(api.respond(first.value(), {"{}"}).ok());
  first_closed.get_future().wait();

  const auto second = api.next();
  REQUIRE(second.ok());
  CHECK(second->request_id == "r-2");
  second_closed.get_future().wait();

  const auto posted = api.respond(second.value(), {"{}"});
  REQUIRE(posted.ok());
  CHECK(posted->accepted());
}

TEST_CASE("a next that meets the close of an idle connection is sent again, once") {
  ScriptedServer server({[](Connection& connection) {
                           serve_one_event(connection);
                           connection.read_request();
                         },
                         [](Connection& connection) {
                           connection.read_request();
                           connection.send(event_response("r-2"));
                         }});
  HttpRuntimeApi api(server.endpoint());
  const auto first = api.next();
  REQUIRE(first.ok());
  REQUIRE(api.respond(first.value(), {"{}"}).ok());
  const auto second = api.next();
  REQUIRE(second.ok());
  CHECK(second->request_id == "r-2");
}

TEST_CASE("a next that a new connection leaves unanswered is a disconnection") {
  ScriptedServer server({[](Connection& connection) { connection.read_request(); }});
  HttpRuntimeApi api(server.endpoint());
  const auto got = api.next();
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().kind == ErrorKind::kDisconnected);
  CHECK(got.error().text == "lambda: get '" + server.endpoint().text() +
                                "': the connection was closed before the response was complete");
  server.join();
  CHECK_FALSE(server.has_uninvited());
}

TEST_CASE("an answer whose connection ends without a byte of the reply is sent once more") {
  struct Case {
    const char* reply;  // to the second copy
    Posted::Verdict verdict;
  };

  using enum Posted::Verdict;
  for (const Case& second_copy : {Case{"202 Accepted", kAccepted}, Case{"410 Gone", kAccepted},
                                  Case{"413 Large", kTooLarge}, Case{"500 Internal", kRefused}}) {
    CAPTURE(second_copy.reply);
    std::string first;
    std::string second;
    ScriptedServer server({[&](Connection& connection) {
                             connection.read_request();
                             connection.send(event_response("r-1"));
                             first = connection.read_request();
                           },
                           [&](Connection& connection) {
                             second = connection.read_request();
                             connection.send(status_response(second_copy.reply));
                           }});
    HttpRuntimeApi api(server.endpoint());
    const auto got = api.next();
    REQUIRE(got.ok());
    const auto posted = api.respond(got.value(), {"[1]"});
    server.join();
    REQUIRE(posted.ok());
    CHECK(posted->verdict == second_copy.verdict);
    CHECK(second == first);
    CHECK(second.ends_with("\r\n\r\n[1]"));
  }
}

TEST_CASE(
    "a second copy that the API refuses as a second answer had arrived; a first one had not") {
  struct Case {
    const char* status;
    const char* error_type;
    bool had_arrived;
  };

  for (const Case& refused :
       {Case{"403 Forbidden", "InvalidStateTransition", true},
        Case{"400 Bad Request", "InvalidStateTransition", true},
        Case{"400 Bad Request", "InvalidRequestID", true}, Case{"403 Forbidden", "Other", false},
        Case{"400 Bad Request", "Other", false}}) {
    for (const bool is_repeated : {true, false}) {
      CAPTURE(refused.status);
      CAPTURE(refused.error_type);
      CAPTURE(is_repeated);
      const std::string refusal = status_response(
          refused.status, R"({"errorType":")" + std::string(refused.error_type) + "\"}");
      const auto refuse = [&](Connection& connection) {
        connection.read_request();
        connection.send(refusal);
      };
      std::vector<ScriptedServer::Script> scripts = {[&](Connection& connection) {
        connection.read_request();
        connection.send(event_response("r-1"));
        connection.read_request();
        if (!is_repeated) connection.send(refusal);
      }};
      if (is_repeated) scripts.emplace_back(refuse);
      ScriptedServer server(scripts);
      HttpRuntimeApi api(server.endpoint());
      const auto posted = api.respond(api.next().value(), {"[1]"});
      REQUIRE(posted.ok());
      CHECK(posted->accepted() == (is_repeated && refused.had_arrived));
      CHECK(posted->error_type == refused.error_type);
    }
  }
}

TEST_CASE("a post is not sent a third time, nor a second time on a connection opened for it") {
  const auto read_only = [](Connection& connection) { connection.read_request(); };
  ScriptedServer server({[](Connection& connection) {
                           connection.read_request();
                           connection.send(event_response("r-1"));
                           connection.read_request();
                         },
                         read_only, read_only});
  HttpRuntimeApi api(server.endpoint());
  const auto got = api.next();
  REQUIRE(got.ok());
  for (int i = 0; i < 2; ++i) {
    const auto posted = api.respond(got.value(), {"{}"});
    REQUIRE_FALSE(posted.ok());
    CHECK(posted.error().kind == ErrorKind::kDisconnected);
  }
  server.join();
  CHECK_FALSE(server.has_uninvited());
}

TEST_CASE("an answer is not sent again when a part of the reply has arrived") {
  const std::string reply = status_response("202 Accepted");
  for (std::size_t size = 1; size < reply.size(); ++size) {
    CAPTURE(size);
    ScriptedServer server({[&](Connection& connection) {
      connection.read_request();
      connection.send(event_response("r-1"));
      connection.read_request();
      connection.send(reply.substr(0, size));
    }});
    HttpRuntimeApi api(server.endpoint());
    const auto posted = api.respond(api.next().value(), {"{}"});
    REQUIRE_FALSE(posted.ok());
    CHECK(posted.error().kind == ErrorKind::kDisconnected);
    server.join();
    CHECK_FALSE(server.has_uninvited());
  }
}

TEST_CASE("a request behind bytes that the function wrote is sent again on a clean connection") {
  ScriptedServer server({[](Connection& connection) {
                           connection.read_request();
                           connection.send(event_response("r-1"));
                           connection.read_request();
                           connection.send(
                               "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
                               "400 Bad Request");
                         },
                         [](Connection& connection) {
                           connection.read_request();
                           connection.send(status_response("202 Accepted"));
                         }});
  HttpRuntimeApi api(server.endpoint());
  const auto posted = api.respond(api.next().value(), {"{}"});
  REQUIRE(posted.ok());
  CHECK(posted->status == 202);
}

TEST_CASE("a refusal that arrives before the whole answer was sent is read") {
  ScriptedServer server(
      {[](Connection& connection) {
         connection.read_head();
         connection.send(
             status_response("413 Payload Too Large", R"({"errorType":"RequestEntityTooLarge"})"));
       },
       [](Connection& connection) {
         connection.read_request();
         connection.send(event_response("r-2"));
       }});
  HttpRuntimeApi api(server.endpoint());
  const auto posted = api.respond(invocation_of("r-1"), {std::string(std::size_t{64} << 20U, 'z')});
  REQUIRE(posted.ok());
  CHECK(posted->verdict == Posted::Verdict::kTooLarge);
  CHECK(posted->error_type == "RequestEntityTooLarge");

  const auto next = api.next();
  REQUIRE(next.ok());
  CHECK(next->request_id == "r-2");
}

TEST_CASE("an event that is cut off is a disconnection, never a short event") {
  std::string response = event_response("r-1", "0123456789");
  SUBCASE("in the body") {
    response.resize(response.size() - 1);
  }
  SUBCASE("in a header") {
    response.resize(40);
  }
  SUBCASE("in the status line") {
    response.resize(7);
  }
  ScriptedServer server({[&](Connection& connection) {
    connection.read_request();
    connection.send(response);
  }});
  HttpRuntimeApi api(server.endpoint());
  const auto got = api.next();
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().kind == ErrorKind::kDisconnected);
  CHECK(got.error().text.find("closed before the response was complete") != std::string::npos);
}

TEST_CASE("a server that does not speak HTTP gives another error than a closed one") {
  ScriptedServer server({[](Connection& connection) {
    connection.read_request();
    connection.send("220 mail.example.com ESMTP\r\n\r\n");
  }});
  HttpRuntimeApi api(server.endpoint());
  const auto got = api.next();
  REQUIRE_FALSE(got.ok());
  CHECK(got.error().text == "lambda: get '" + server.endpoint().text() +
                                "': expected an http response, got something else");
}

TEST_CASE("an event in chunks, sent byte by byte, is assembled") {
  ScriptedServer server({[](Connection& connection) {
    connection.read_request();
    const std::string_view response =
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: a%41\r\n"
        "Transfer-Encoding: chunked\r\n\r\n4\r\n50%2\r\n3\r\n0of\r\n0\r\n\r\n";
    for (const char& c : response) connection.send({&c, 1});
  }});
  HttpRuntimeApi api(server.endpoint());
  const auto got = api.next();
  REQUIRE(got.ok());
  CHECK(got->request_id == "a%41");
  CHECK(got->event == "50%20of");
}

TEST_SUITE_END();

}  // namespace phork::lambda
