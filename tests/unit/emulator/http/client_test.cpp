// SPDX-License-Identifier: MIT
#include "emulator/http/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"

namespace phork::emulator {
namespace {

using base::ErrorKind;
using base::Fd;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\n\r\n";

// One connection of a server: the bytes that it sends for each request, then it closes.
using Replies = std::vector<std::string>;
using Connections = std::vector<Replies>;

// Serves one connection after another, each with replies that the test wrote.
class ScriptedServer : private base::Pinned {
 public:
  explicit ScriptedServer(Connections connections)
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(listener_.get(), generic, length) == 0);
    REQUIRE(::listen(listener_.get(), 8) == 0);
    REQUIRE(::getsockname(listener_.get(), generic, &length) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, all = std::move(connections)] {
      for (const Replies& replies : all) serve(replies);
    });
  }

  ~ScriptedServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);  // ends accept() when the test failed early
    thread_.join();
  }

  std::uint16_t port() const { return port_; }

 private:
  void serve(const Replies& replies) {
    const Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    HttpInput input(connection.get());
    for (const std::string& reply : replies) {
      if (!input.take_head()) return;
      ::send(connection.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
    }
  }

  Fd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

HttpReply call(HttpClient& client, std::string_view request = kGet,
               std::string_view method = "GET") {
  base::Result<HttpReply> reply = client.call(request, method);
  REQUIRE_MESSAGE(reply.ok(), reply.error().text);
  return std::move(reply).value();
}

TEST_SUITE("http client") {
  TEST_CASE("replies on one connection are separated by length, chunks and method") {
    const ScriptedServer server(Connections{{
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A: 1\r\nx-a: 2\r\n\r\nabc",
        "HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nde\r\n1\r\nf\r\n0\r\nt: "
        "1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
    }});
    HttpClient client(server.port());
    const HttpReply first = call(client);
    CHECK(first.status == 200);
    CHECK(first.reason == "OK");
    CHECK(first.body == "abc");
    CHECK(first.headers ==
          std::vector<event::NameValue>{{"Content-Length", "3"}, {"X-A", "1"}, {"x-a", "2"}});
    const HttpReply second = call(client);
    CHECK(second.status == 201);
    CHECK(second.body == "def");
    CHECK(call(client, "HEAD / HTTP/1.1\r\n\r\n", "HEAD").body.empty());
    CHECK(call(client).status == 204);
  }

  TEST_CASE("a body without a length ends with the connection, and the next call connects again") {
    const ScriptedServer server(Connections{{"HTTP/1.1 200 OK\r\n\r\nto the end"},
                                            {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na"},
                                            {"HTTP/1.1 200 OK\r\nConnection: close\r\n"
                                             "Content-Length: 1\r\n\r\nb"},
                                            {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nc"}});
    HttpClient client(server.port());
    CHECK(call(client).body == "to the end");
    CHECK(call(client).body == "a");
    CHECK(call(client).body == "b");
    CHECK(call(client).body == "c");
  }

  TEST_CASE("interim replies are skipped") {
    const ScriptedServer server(
        Connections{{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: "
                     "x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}});
    HttpClient client(server.port());
    CHECK(call(client).body == "ok");
  }

  TEST_CASE("a reply that ends early or is not HTTP is an error") {
    for (const auto& each : std::vector<std::pair<std::string, ErrorKind>>{
             {"HTTP/1.1 200 OK\r\nContent-Le", ErrorKind::kDisconnected},
             {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", ErrorKind::kDisconnected},
             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
              ErrorKind::kDisconnected},
             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ErrorKind::kInvalid},
             {"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", ErrorKind::kInvalid},
             {"SSH-2.0-OpenSSH\r\n\r\n", ErrorKind::kInvalid},
             {"HTTP/1.1 abc\r\n\r\n", ErrorKind::kInvalid},
             {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", ErrorKind::kInvalid}}) {
      const std::string& bytes = each.first;
      CAPTURE(bytes);
      const ScriptedServer server(Connections{{bytes}});
      HttpClient client(server.port());
      const base::Result<HttpReply> reply = client.call(kGet);
      REQUIRE_FALSE(reply.ok());
      CAPTURE(reply.error().text);
      CHECK(reply.error().kind == each.second);
      CHECK(reply.error().text.starts_with("http: "));
    }
  }

  TEST_CASE("a call is an error when nobody listens") {
    std::uint16_t port = 0;
    {
      const ScriptedServer server(Connections{{}});
      port = server.port();
    }
    HttpClient client(port);
    const base::Result<HttpReply> reply = client.call(kGet);
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().text.find(std::to_string(port)) != std::string::npos);
  }
}

}  // namespace
}  // namespace phork::emulator
