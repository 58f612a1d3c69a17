// SPDX-License-Identifier: MIT
#include <future>

#include <doctest/doctest.h>

#include "runtime/lambda/http_runtime_api.h"
#include "tests/unit/lambda/servers.h"

namespace phork::lambda {
namespace {

using base::ErrorKind;
using base::kNoDeadline;
using testing::ChunkedRequest;
using testing::Connection;
using testing::event_response;
using testing::ScriptedServer;
using testing::status_response;
using namespace std::chrono_literals;

constexpr auto kLongEnough = 20s;

event::Invocation invocation_of(const std::string& request_id) {
  event::Invocation invocation;
  invocation.request_id = request_id;
  return invocation;
}

void serve_next(Connection& connection) {
  connection.read_request();
  connection.send(event_response("r-2"));
}

// Checks that the next event arrives, over any connection.
void check_next(HttpRuntimeApi& api) {
  const auto next = api.next();
  REQUIRE(next.ok());
  CHECK(next->request_id == "r-2");
}

void stream_one(HttpRuntimeApi& api) {
  REQUIRE(api.begin_stream(invocation_of("r-1"), "text/plain").ok());
  REQUIRE(api.write_stream("a", kNoDeadline).ok());
  const auto posted = api.end_stream(nullptr);
  REQUIRE(posted.ok());
  CHECK(posted->accepted());
}

}  // namespace

TEST_SUITE_BEGIN("stream");

TEST_CASE("a stream has the bytes that the Runtime API documents") {
  ChunkedRequest got;
  ScriptedServer server({[&](Connection& connection) {
    got = connection.read_chunked();
    connection.send(status_response("202 Accepted"));
  }});
  HttpRuntimeApi api(server.endpoint());
  event::Invocation invocation = invocation_of("r/1");
  invocation.invocation_id = "attempt-2";
  REQUIRE(api.begin_stream(invocation, "text/html; charset=UTF-8").ok());
  REQUIRE(api.write_stream("hello", kNoDeadline).ok());
  REQUIRE(api.write_stream(std::string("\0\r\n", 3), kNoDeadline).ok());
  const auto posted = api.end_stream(nullptr);
  REQUIRE(posted.ok());
  CHECK(posted->accepted());
  CHECK(posted->status == 202);
  server.join();

  CHECK(got.head ==
        "POST /2018-06-01/runtime/invocation/r%2F1/response HTTP/1.1\r\n"
        "Host: " +
            server.endpoint().text() +
            "\r\nUser-Agent: aws-lambda-phork/" PHORK_VERSION
            "\r\nContent-Type: text/html; charset=UTF-8\r\n"
            "Lambda-Runtime-Invocation-Id: attempt-2\r\n"
            "Lambda-Runtime-Function-Response-Mode: streaming\r\n"
            "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n"
            "Transfer-Encoding: chunked\r\n\r\n");
  CHECK(got.wire == std::string("5\r\nhello\r\n3\r\n\0\r\n\r\n0\r\n\r\n", 23));
}

TEST_CASE("a failure in the middle is in both trailers, the body in base64") {
  ChunkedRequest got;
  ScriptedServer server({[&](Connection& connection) {
    got = connection.read_chunked();
    connection.send(status_response("202 Accepted"));
  }});
  HttpRuntimeApi api(server.endpoint());
  REQUIRE(api.begin_stream(invocation_of("r"), "bad\r\ntype").ok());
  REQUIRE(api.write_stream("part", kNoDeadline).ok());
  const event::Failure failure{"App\\SoldOut", "keine Äpfel", {"#0 a.php(1)"}};
  const auto posted = api.end_stream(&failure);
  REQUIRE(posted.ok());
  CHECK(posted->accepted());
  server.join();

  CHECK(got.head.find("\r\nContent-Type: application/octet-stream\r\n") != std::string::npos);
  CHECK(got.head.find("Invocation-Id") == std::string::npos);
  // {"errorMessage":"keine Äpfel","errorType":"App\\SoldOut","stackTrace":["#0 a.php(1)"]}
  CHECK(got.wire ==
        "4\r\npart\r\n0\r\n"
        "Lambda-Runtime-Function-Error-Type: Function.SoldOut\r\n"
        "Lambda-Runtime-Function-Error-Body: "
        "eyJlcnJvck1lc3NhZ2UiOiJrZWluZSDDhHBmZWwiLCJlcnJvclR5cGUiOiJBcHBcXFNvbGRPdXQiLCJzdGFja1RyYW"
        "NlIjpbIiMwIGEucGhwKDEpIl19\r\n\r\n");
}

TEST_CASE("the first bytes arrive before the last ones are made") {
  std::promise<std::string> first;
  ScriptedServer server({[&](Connection& connection) {
    first.set_value(connection.read_some());
    connection.read_some();
    connection.send(status_response("202 Accepted"));
  }});
  HttpRuntimeApi api(server.endpoint());
  REQUIRE(api.begin_stream(invocation_of("r"), "text/plain").ok());
  REQUIRE(api.write_stream("first", kNoDeadline).ok());
  auto arrived = first.get_future();
  REQUIRE(arrived.wait_for(kLongEnough) == std::future_status::ready);
  const std::string bytes = arrived.get();
  CHECK(bytes.starts_with("POST "));
  CHECK(bytes.ends_with("\r\n\r\n5\r\nfirst\r\n"));
  REQUIRE(api.write_stream("last", kNoDeadline).ok());
  CHECK(api.end_stream(nullptr)->accepted());
}

TEST_CASE("30 MB in writes of all sizes arrive unchanged") {
  ChunkedRequest got;
  ScriptedServer server({[&](Connection& connection) {
    got = connection.read_chunked();
    connection.send(status_response("202 Accepted"));
  }});
  std::string body;
  body.resize(30'000'000);
  std::uint32_t state = 1;
  for (char& byte : body) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24U);
  }
  HttpRuntimeApi api(server.endpoint());
  REQUIRE(api.begin_stream(invocation_of("r"), "application/octet-stream").ok());
  std::size_t size = 1;
  for (std::string_view rest = body; !rest.empty(); size = size * 3 % 4'000'037) {
    const std::string_view part = rest.substr(0, size);
    REQUIRE(api.write_stream(part, kNoDeadline).ok());
    rest.remove_prefix(part.size());
  }
  REQUIRE(api.end_stream(nullptr).ok());
  server.join();
  CHECK((got.body == body));  // no megabytes in a message
}

TEST_CASE("next, streams and answers share one connection that the server keeps") {
  ScriptedServer server({[](Connection& connection) {
    serve_next(connection);
    for (int i = 0; i < 2; ++i) {
      connection.read_chunked();
      connection.send(status_response("202 Accepted"));
    }
    connection.read_request();
    connection.send(status_response("202 Accepted"));
    serve_next(connection);
  }});
  HttpRuntimeApi api(server.endpoint());
  check_next(api);
  stream_one(api);
  stream_one(api);
  CHECK(api.respond(invocation_of("r-1"), {"{}"})->accepted());
  check_next(api);
  server.join();
  CHECK_FALSE(server.has_uninvited());
}

TEST_CASE("a connection that the server closes after a stream is replaced") {
  bool left = false;
  ScriptedServer server({[&](Connection& connection) {
                           connection.read_chunked();
                           connection.send(
                               "HTTP/1.1 202 Accepted\r\nConnection: close\r\n"
                               "Content-Length: 2\r\n\r\n{}");
                           left = connection.read_some().empty();
                         },
                         serve_next});
  HttpRuntimeApi api(server.endpoint());
  stream_one(api);
  check_next(api);
  server.join();
  CHECK(left);
}

TEST_CASE("before a stream, a connection that was closed while idle is replaced") {
  std::promise<void> closed;
  ScriptedServer server({[&](Connection& connection) {
                           serve_next(connection);
                           connection.close();
                           closed.set_value();
                         },
                         [](Connection& connection) {
                           connection.read_chunked();
                           connection.send(status_response("202 Accepted"));
                         }});
  HttpRuntimeApi api(server.endpoint());
  check_next(api);
  closed.get_future().wait();
  stream_one(api);
}

TEST_CASE("a server that closes half way ends the stream, and next uses a new connection") {
  ScriptedServer server({[](Connection& connection) { connection.read_head(); }, serve_next});
  HttpRuntimeApi api(server.endpoint());
  REQUIRE(api.begin_stream(invocation_of("r"), "text/plain").ok());
  auto written = base::ok_status();
  while (written.ok()) written = api.write_stream("more", std::chrono::steady_clock::now() + 10s);
  CHECK(written.error().kind == ErrorKind::kDisconnected);
  CHECK(written.error().text.starts_with("lambda: stream '" + server.endpoint().text() + "': "));
  const auto posted = api.end_stream(nullptr);
  REQUIRE_FALSE(posted.ok());
  CHECK(posted.error().kind == ErrorKind::kDisconnected);
  check_next(api);
}

TEST_CASE("next gives up a stream that was not ended, and the server sees it as incomplete") {
  ChunkedRequest got;
  ScriptedServer server(
      {[&](Connection& connection) { got = connection.read_chunked(); }, serve_next});
  HttpRuntimeApi api(server.endpoint());
  REQUIRE(api.begin_stream(invocation_of("r"), "text/plain").ok());
  REQUIRE(api.write_stream("part", kNoDeadline).ok());
  check_next(api);
  server.join();
  CHECK(got.body == "part");
  CHECK(got.wire == "4\r\npart\r\n");
  CHECK(api.write_stream("late", kNoDeadline).error().kind == ErrorKind::kInvalid);
  CHECK(api.end_stream(nullptr).error().kind == ErrorKind::kInvalid);
}

TEST_CASE("an early refusal is read with its reason, and next uses a new connection") {
  ScriptedServer server(
      {[](Connection& connection) {
         connection.read_head();
         connection.send(
             status_response("413 Payload Too Large", R"({"errorType":"RequestEntityTooLarge"})"));
       },
       serve_next});
  HttpRuntimeApi api(server.endpoint());
  REQUIRE(api.begin_stream(invocation_of("r"), "text/plain").ok());
  const std::string part(100'000, 'x');
  auto written = base::ok_status();
  while (written.ok()) written = api.write_stream(part, kNoDeadline);
  CHECK(written.error().kind == ErrorKind::kRefused);
  CHECK(written.error().text.ends_with("got status 413"));
  const auto posted = api.end_stream(nullptr);
  REQUIRE(posted.ok());
  CHECK(posted->verdict == Posted::Verdict::kTooLarge);
  CHECK(posted->error_type == "RequestEntityTooLarge");
  check_next(api);
}

TEST_CASE("a reader that is too slow exceeds the deadline and finds the error in the trailers") {
  std::promise<void> may_read;
  ChunkedRequest got;
  ScriptedServer server({[&](Connection& connection) {
    may_read.get_future().wait();
    got = connection.read_chunked();
    connection.send(status_response("202 Accepted"));
    serve_next(connection);
  }});
  HttpRuntimeApi api(server.endpoint());
  REQUIRE(api.begin_stream(invocation_of("r"), "text/plain").ok());
  const std::string part(1'000'000, 'x');
  std::size_t parts = 0;
  auto written = base::ok_status();
  for (; written.ok(); ++parts) {
    written = api.write_stream(part, std::chrono::steady_clock::now());
  }
  CHECK(written.error().kind == ErrorKind::kTimeout);
  may_read.set_value();
  const event::Failure failure{"Function.Timeout", "m", {}};
  const auto posted = api.end_stream(&failure);
  REQUIRE(posted.ok());
  CHECK(posted->accepted());
  check_next(api);
  server.join();
  // The last part is cut at one of its chunks.
  CHECK(got.body.size() > (parts - 1) * part.size());
  CHECK(got.body.size() <= parts * part.size());
  CHECK(got.wire.find("Error-Type: Function.Timeout\r\n") != std::string::npos);
}

TEST_CASE("a refused connection is a disconnection that names the address") {
  const Endpoint endpoint = testing::closed_endpoint();
  HttpRuntimeApi api(endpoint);
  const auto begun = api.begin_stream(invocation_of("r"), "text/plain");
  REQUIRE_FALSE(begun.ok());
  CHECK(begun.error().kind == ErrorKind::kDisconnected);
  CHECK(begun.error().text ==
        "lambda: stream '" + endpoint.text() + "': cannot connect: Connection refused");
}

TEST_SUITE_END();

}  // namespace phork::lambda
