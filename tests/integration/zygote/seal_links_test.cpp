// SPDX-License-Identifier: MIT
//
// Connections that an extension of PHP finds again by itself: the seal hangs them up, and an event
// that asks for one gets its own. The database is the least of PostgreSQL that a client accepts.
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/sockets/loopback.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::Json;
using testing::Runtime;
using testing::RuntimeOptions;

std::string number(std::uint64_t value, std::size_t bytes) {
  std::string text;
  for (std::size_t i = bytes; i-- > 0;) text.push_back(static_cast<char>(value >> (8 * i)));
  return text;
}

std::string message(char type, const std::string& content) {
  return type + number(content.size() + 4, 4) + content;
}

// Answers each query with one row that holds 1.
// https://www.postgresql.org/docs/15/protocol-message-formats.html
class Database : private base::Pinned {
 public:
  Database() {
    testing::Loopback listening = testing::listen_on_loopback();
    socket_ = std::move(listening.socket);
    server_ = "hostaddr=127.0.0.1 port=" + std::to_string(listening.port) +
              " user=test dbname=test sslmode=disable gssencmode=disable";
    thread_ = std::thread([this] { run(); });
  }

  ~Database() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }

  const std::string& server() const { return server_; }

  int connections() const { return connections_; }

 private:
  void run() {
    for (;;) {
      std::vector<pollfd> polled{{socket_.get(), POLLIN, 0}};
      for (const auto& [fd, started] : clients_) polled.push_back({fd, POLLIN, 0});
      if (::poll(polled.data(), polled.size(), -1) < 0) return;
      for (const pollfd& each : polled) {
        if (each.revents == 0) continue;
        if (each.fd == socket_.get()) {
          const int fd = ::accept4(each.fd, nullptr, nullptr, SOCK_CLOEXEC);
          if (fd == -1) return close_all();
          clients_[fd] = false;
          ++connections_;
        } else {
          serve(each.fd);
        }
      }
    }
  }

  void serve(int fd) {
    std::array<char, 4096> piece{};
    const ssize_t got = ::recv(fd, piece.data(), piece.size(), 0);
    if (got <= 0 || (clients_[fd] && piece[0] == 'X')) {
      ::close(fd);
      clients_.erase(fd);
      return;
    }
    const std::string ready = message('Z', "I");
    const std::string row = message('T', number(1, 2) + "a" + std::string(1, '\0') + number(0, 6) +
                                             number(23, 4) + number(4, 2) + number(0, 6)) +
                            message('D', number(1, 2) + number(1, 4) + "1") +
                            message('C', std::string("SELECT 1") + '\0');
    // Without its version, pg_pconnect() crashes.
    const std::string version = std::string("server_version") + '\0' + "15.0" + '\0';
    const std::string hello = message('R', number(0, 4)) + message('S', version);
    const std::string reply = (clients_[fd] ? row : hello) + ready;
    clients_[fd] = true;
    static_cast<void>(::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL));
  }

  void close_all() {
    for (const auto& [fd, started] : clients_) ::close(fd);
  }

  base::Fd socket_;
  std::string server_;
  std::map<int, bool> clients_;  // and whether each has begun its session
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace

TEST_SUITE("links that the seal has hung up") {
  TEST_CASE("an event that asks for a connection gets its own") {
    for (const std::string connect : {"pg_connect", "pg_pconnect"}) {
      for (const std::string keeps : {"no", "yes"}) {
        for (const std::string& strategy : testing::forking_strategies()) {
          CAPTURE(connect);
          CAPTURE(keeps);
          CAPTURE(strategy);
          const Database database;
          RuntimeOptions options;
          options.handler = "seal_links.php";
          options.strategy = strategy;
          options.environment = {
              {"SEAL_CONNECT", connect}, {"SEAL_KEEPS", keeps}, {"SEAL_SERVER", database.server()}};
          Runtime runtime(options);
          for (int event = 1; event <= 3; ++event) {
            const Json told = answer_of(runtime);
            CHECK(told.text("works") == "1");
            CHECK(told.boolean("again"));
            CHECK(told.text("default") == "No PostgreSQL connection opened yet");
            CHECK(database.connections() == 1 + event);
          }
        }
      }
    }
  }
}
