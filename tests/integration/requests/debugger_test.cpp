// SPDX-License-Identifier: MIT
//
// Xdebug under every strategy: each event has a connection to the editor of its own, and stops at
// the breakpoint. The editor is played here, as far as it takes (https://xdebug.org/docs/dbgp).
#include <array>
#include <atomic>
#include <string>
#include <sys/socket.h>
#include <thread>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "tests/support/eventually.h"
#include "tests/support/http_event.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/sockets/loopback.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;

constexpr const char* kScript = "<?php\n$a = 1;\n$b = $a + 1;\necho \"page $b\";\n";
constexpr const char* kHandler =
    "<?php return function (array $event): string {\n$a = 1;\n$b = $a + 1;\n"
    "return \"handler $b\";\n};\n";
constexpr int kLine = 3;

// Takes one connection after another, sets a breakpoint in `file`, and lets the code go on where it
// stops.
class Editor : private base::Pinned {
 public:
  explicit Editor(std::string file) : file_(std::move(file)) {
    testing::Loopback listening = testing::listen_on_loopback();
    socket_ = std::move(listening.socket);
    port_ = listening.port;
    thread_ = std::thread([this] { serve(); });
  }

  ~Editor() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }

  int port() const { return port_; }

  int connections() const { return connections_; }

  int stops() const { return stops_; }

 private:
  void serve() {
    for (;;) {
      const base::Fd client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client.valid()) return;
      ++connections_;
      talk(client);
    }
  }

  void talk(const base::Fd& client) {
    read_packet(client);
    say(client, "breakpoint_set -i 1 -t line -f file://" + file_ + " -n " + std::to_string(kLine));
    read_packet(client);
    say(client, "run -i 2");
    for (;;) {
      const std::string packet = read_packet(client);
      if (packet.empty()) return;
      if (contains(packet, R"(status="break")")) {
        ++stops_;
        say(client, "run -i 3");
      }
      if (contains(packet, R"(status="stopping")")) say(client, "run -i 4");
    }
  }

  // "LENGTH NUL XML NUL"; empty when the other side has hung up.
  static std::string read_packet(const base::Fd& client) {
    const std::string length = read_to_nul(client);
    return length.empty() ? length : read_to_nul(client);
  }

  static std::string read_to_nul(const base::Fd& client) {
    std::string text;
    for (char byte = 0; ::recv(client.get(), &byte, 1, 0) == 1 && byte != 0;) text += byte;
    return text;
  }

  static void say(const base::Fd& client, const std::string& command) {
    std::array<iovec, 2> parts{base::as_iovec(command), base::as_iovec({"\0", 1})};
    static_cast<void>(base::write_all(client.get(), parts));
  }

  const std::string file_;
  base::Fd socket_;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> stops_ = 0;
  std::thread thread_;
};

void write_settings(const ScratchFolder& folder, int port) {
  folder.write("ini/xdebug.ini",
               "zend_extension=xdebug.so\nxdebug.mode=debug\n"
               "xdebug.start_with_request=yes\nxdebug.log_level=0\n"
               "xdebug.client_port=" +
                   std::to_string(port) + "\n");
}

}  // namespace

TEST_SUITE("debugger") {
  TEST_CASE("each event stops at the breakpoint, over a connection of its own") {
    for (const std::string& strategy : testing::all_strategies()) {
      for (const std::string name : {"page.php", "handler.php"}) {
        CAPTURE(strategy);
        CAPTURE(name);
        const ScratchFolder folder;
        folder.write(name, name == "page.php" ? kScript : kHandler);
        const Editor editor(folder.file(name));
        write_settings(folder, editor.port());
        RuntimeOptions options;
        options.strategy = strategy;
        options.handler = name;
        options.task_root = folder.path();
        options.environment["PHP_INI_SCAN_DIR"] = testing::scan_also(folder.file("ini"));
        Runtime runtime(options);
        for (int n = 1; n <= 3; ++n) {
          const auto result =
              name == "page.php" ? runtime.invoke(testing::http_event("/")) : runtime.invoke("{}");
          REQUIRE_MESSAGE(result.answered(), result.body << runtime.output());
          CHECK(editor.stops() == n);
          // php-fpm's first request finds out what the handler serves.
          if (strategy != "fpm") CHECK(editor.connections() == n);
        }
        CHECK_FALSE(contains(runtime.output(), "seal: descriptor"));
      }
    }
  }
}
