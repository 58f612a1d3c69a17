// SPDX-License-Identifier: MIT
#include "bench/subjects/http_client.h"

#include <array>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"
#include "runtime/base/socket_io.h"

using namespace phork;
using namespace phork::bench;

namespace {

constexpr const char* kRequest = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";

// A server that answers requests with scripted bytes: one list for each connection, one text for
// each request; it closes a connection after its last text.
class ScriptedServer : private base::Pinned {
 public:
  explicit ScriptedServer(std::vector<std::vector<std::string>> connections)
      : socket_(base::check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "test: socket")) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    base::check(::bind(socket_.get(), generic, size), "test: bind");
    base::check(::listen(socket_.get(), 8), "test: listen");
    base::check(::getsockname(socket_.get(), generic, &size), "test: getsockname");
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this, connections = std::move(connections)] { serve(connections); });
  }

  // Wakes accept4() if a client did not come.
  ~ScriptedServer() { ::shutdown(socket_.get(), SHUT_RDWR); }

  std::uint16_t port() const { return port_; }

 private:
  void serve(const std::vector<std::vector<std::string>>& connections) const {
    for (const std::vector<std::string>& replies : connections) {
      const base::Fd connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      for (const std::string& reply : replies) {
        std::string request;
        std::array<char, 4096> part{};
        while (request.find("\r\n\r\n") == std::string::npos) {
          const auto got = base::receive_some(connection.get(), part.data(), part.size());
          if (!got) return;
          request.append(part.data(), got.value());
        }
        if (!base::send_all(connection.get(), reply, {})) return;
      }
    }
  }

  base::Fd socket_;
  std::uint16_t port_ = 0;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace

TEST_SUITE("http client") {
  TEST_CASE("a request is sent with the client's headers except those of its connection") {
    http::Request request;
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
    http::Request plain;
    plain.method = "GET";
    plain.path = "/";
    CHECK(request_text(plain) == "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  }

  TEST_CASE("replies with a length, in chunks and without a body share one connection") {
    const ScriptedServer server(
        {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
          "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n"
          "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n",
          "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlast"}});
    HttpClient client(server.port());
    CHECK(client.call(kRequest).value() == Answer{200, "hello"});
    CHECK(client.call(kRequest).value() == Answer{404, "abcdefg"});
    CHECK(client.call(kRequest).value() == Answer{204, ""});
    CHECK(client.call(kRequest, true).value() == Answer{200, ""});
    CHECK(client.call(kRequest).value() == Answer{200, "last"});
  }

  TEST_CASE("a reply without a length ends with the connection, and the next call opens another") {
    const ScriptedServer server({{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nas long as it is"},
                                 {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1"},
                                 {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"}});
    HttpClient client(server.port());
    CHECK(client.call(kRequest).value() == Answer{200, "as long as it is"});
    CHECK(client.call(kRequest).value() == Answer{200, "1"});
    CHECK(client.call(kRequest).value() == Answer{200, "2"});
  }

  TEST_CASE("a reply that is cut off or malformed is an error") {
    for (const char* reply :
         {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
          "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", "SPDY/3 200 OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nhello\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
      CAPTURE(reply);
      const ScriptedServer server({{reply}});
      HttpClient client(server.port());
      CHECK_FALSE(client.call(kRequest).ok());
    }
  }

  TEST_CASE("without a server there is no connection") {
    std::uint16_t port = 0;
    {
      const ScriptedServer server({});
      port = server.port();
    }
    HttpClient client(port);
    const auto connected = client.connect();
    REQUIRE_FALSE(connected.ok());
    CHECK(connected.error().text.find(std::to_string(port)) != std::string::npos);
  }
}
