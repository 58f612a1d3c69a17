// SPDX-License-Identifier: MIT
//
// The seal of a zygote: what it does with descriptors, threads, sessions, timers and signals that
// the boot of an application left. Real bootstrap, real PHP.
#include <array>
#include <chrono>
#include <fcntl.h>
#include <map>
#include <string>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "tests/support/answers.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/sockets/loopback.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::answer_of;
using testing::contains;
using testing::count;
using testing::init_error_of;
using testing::Json;
using testing::line_with;
using testing::Runtime;
using testing::RuntimeOptions;
using testing::ScratchFolder;
using Environment = std::map<std::string, std::string>;

RuntimeOptions sealed(const std::string& handler, Environment environment) {
  RuntimeOptions options;
  options.handler = handler;
  options.environment = std::move(environment);
  options.environment.emplace("AWS_LAMBDA_LOG_LEVEL", "DEBUG");  // for the line of the seal
  return options;
}

RuntimeOptions booting(const std::string& way, Environment environment = {}) {
  environment["SEAL_BOOT"] = way;
  return sealed("seal_boot.php", std::move(environment));
}

// A server that the boot connects to, over TCP or, with a path, over a Unix socket.
class Peer {
 public:
  Peer() {
    testing::Loopback listening = testing::listen_on_loopback();
    socket_ = std::move(listening.socket);
    address_ = "127.0.0.1:" + std::to_string(listening.port);
  }

  explicit Peer(const std::string& path)
      : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), address_(path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    base::check(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
                "bind");
    base::check(::listen(socket_.get(), 8), "listen");
  }

  const std::string& address() const { return address_; }

  // The next connection that was made.
  base::Fd accept() const {
    REQUIRE(base::wait_readable(socket_.get(), soon()));
    return base::Fd(
        base::check(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept"));
  }

  // No connection waits to be accepted.
  bool idle() const {
    return !base::wait_readable(socket_.get(), std::chrono::steady_clock::now());
  }

  // Every byte that comes over `connection` until the client closes it.
  static std::string hear(const base::Fd& connection) {
    std::string heard;
    std::array<char, 4096> piece{};
    for (;;) {
      REQUIRE(base::wait_readable(connection.get(), soon()));
      const ssize_t got = ::recv(connection.get(), piece.data(), piece.size(), 0);
      if (got <= 0) return heard;
      heard.append(piece.data(), static_cast<std::size_t>(got));
    }
  }

 private:
  static base::Deadline soon() {
    return std::chrono::steady_clock::now() + std::chrono::minutes(1);
  }

  base::Fd socket_;
  std::string address_;
};

// Makes the files that seal_files.php expects.
void fill(const ScratchFolder& folder) {
  folder.write("text", "first\nsecond\nthird\n");
  for (const char* name : {"list/a", "list/b", "list/c"}) folder.write(name, "");
}

}  // namespace

TEST_SUITE("seal: descriptors") {
  TEST_CASE("each event has its own copy of the boot's open files, at the offsets that boot left") {
    const ScratchFolder folder;
    fill(folder);
    Runtime runtime(sealed("seal_files.php", {{"SEAL_FOLDER", folder.path()}}));
    for (const std::string name : {"one", "two", "three"}) {
      const Json found = answer_of(runtime, R"({"name":")" + name + R"("})");
      CHECK(found.integer("offset") == 6);
      CHECK(found.text("line") == "second\n");
      CHECK(found.integer("nameless_offset") == 12);
      CHECK(found.text("nameless") == "of the boot\n" + name);
      // Boot read one of "..", "." and three files.
      CHECK(found.integer("entries") == 4);
    }
    CHECK(folder.read("journal") == "one\ntwo\nthree\n");
    CHECK_FALSE(contains(runtime.output(), "seal: descriptor"));
    CHECK(contains(line_with(runtime.output(), "sealed in"), "(4 reopened, 0 closed)"));
  }

  TEST_CASE("a lock that an event takes ends with the event") {
    const ScratchFolder folder;
    fill(folder);
    const base::Fd text(::open(folder.file("text").c_str(), O_RDONLY | O_CLOEXEC));
    const auto is_free_after_event = [&](const char* policy) {
      Runtime runtime(
          sealed("seal_files.php", {{"SEAL_FOLDER", folder.path()}, {"PHORK_FD_POLICY", policy}}));
      CHECK(answer_of(runtime, R"({"name":"one"})").boolean("locked"));
      CHECK(testing::eventually([&] { return runtime.idle(); }));
      return ::flock(text.get(), LOCK_SH | LOCK_NB) == 0;
    };
    CHECK(is_free_after_event("close"));
    CHECK(::flock(text.get(), LOCK_UN) == 0);
    // The zygote shares the open file description, so the lock stays.
    CHECK_FALSE(is_free_after_event("allow"));
  }

  TEST_CASE("under PHORK_FD_POLICY=allow, events share the files of the boot") {
    const ScratchFolder folder;
    fill(folder);
    Runtime runtime(
        sealed("seal_files.php", {{"SEAL_FOLDER", folder.path()}, {"PHORK_FD_POLICY", "allow"}}));
    CHECK(answer_of(runtime, R"({"name":"one"})").text("nameless") == "of the boot\none");
    CHECK(answer_of(runtime, R"({"name":"two"})").text("nameless") == "of the boot\nonetwo");
  }

  TEST_CASE(
      "a connection of the boot is closed without sending a byte, and named with its address") {
    const Peer peer;
    Runtime runtime(booting("connection", {{"SEAL_PEER", peer.address()}}));
    const base::Fd connection = peer.accept();
    for (int event = 0; event < 2; ++event) {
      const Json found = answer_of(runtime);
      CHECK(found.raw("written") == "false");
      CHECK(found.text("read").empty());
      CHECK(found.boolean("end"));
    }
    CHECK(Peer::hear(connection).empty());
    const std::string log = runtime.output();
    const std::string line = line_with(log, "a TCP connection to " + peer.address());
    CHECK(contains(line, "WARN"));
    CHECK(contains(line, "php-worker: seal: descriptor "));
    CHECK(contains(line, "Phork\\onSeal"));
    CHECK(count(log, "seal: descriptor") == 1);
    CHECK(contains(line_with(log, "sealed in"), "(0 reopened, 1 closed)"));
  }

  TEST_CASE("under PHORK_FD_POLICY=refuse, a connection of the boot is an error that names it") {
    const Peer peer;
    const std::string error = init_error_of(
        booting("connection", {{"SEAL_PEER", peer.address()}, {"PHORK_FD_POLICY", "refuse"}}));
    CHECK(contains(error, "Runtime.SealFailed"));
    CHECK(contains(error, "a TCP connection to " + peer.address()));
    CHECK(contains(error, "PHORK_FD_POLICY is refuse"));
    CHECK(contains(error, ": events would share it; "));
    CHECK_FALSE(contains(error, "it is closed"));
  }

  TEST_CASE("under PHORK_FD_POLICY=allow, all events share the connection of the boot") {
    const Peer peer;
    {
      Runtime runtime(
          booting("connection", {{"SEAL_PEER", peer.address()}, {"PHORK_FD_POLICY", "allow"}}));
      CHECK(answer_of(runtime).integer("written") == 15);
      CHECK(answer_of(runtime).integer("written") == 15);
      CHECK_FALSE(contains(runtime.output(), "seal: descriptor"));
    }
    CHECK(Peer::hear(peer.accept()) == "from the event\nfrom the event\n");
    CHECK(peer.idle());
  }

  TEST_CASE("a connection that hooks close and reopen satisfies PHORK_FD_POLICY=refuse") {
    const Peer peer;
    Runtime runtime(booting("connection-mended",
                            {{"SEAL_PEER", peer.address()}, {"PHORK_FD_POLICY", "refuse"}}));
    CHECK(Peer::hear(peer.accept()).empty());
    for (int event = 0; event < 2; ++event) {
      CHECK(answer_of(runtime).integer("written") == 15);
      CHECK(Peer::hear(peer.accept()) == "from the event\n");
    }
  }

  TEST_CASE("files satisfy PHORK_FD_POLICY=refuse") {
    const ScratchFolder folder;
    fill(folder);
    Runtime runtime(
        sealed("seal_files.php", {{"SEAL_FOLDER", folder.path()}, {"PHORK_FD_POLICY", "refuse"}}));
    CHECK(answer_of(runtime, R"({"name":"one"})").text("line") == "second\n");
  }

  TEST_CASE("every other kind of open descriptor is named in a warning") {
    const ScratchFolder folder;
    const Peer peer(folder.file("server.sock"));
    const Environment ways{
        {"listener", "a TCP socket that listens on 127.0.0.1:"},
        {"unix", "a Unix connection to '" + peer.address() + "'"},
        {"udp", "a UDP connection to 127.0.0.1:9"},
        {"half-read", "a Unix socket that this process connected to itself"},
        {"given-away", "a Unix socket whose other end is in another process"},
        {"program", "a pipe, its writing end"},
        {"lock",
         "the file '" + folder.file("single.lock") + "', open for writing: boot holds a lock"},
    };
    for (const auto& entry : ways) {
      const std::string& way = entry.first;
      CAPTURE(way);
      Runtime runtime(
          booting(way, {{"SEAL_PEER", peer.address()}, {"SEAL_FOLDER", folder.path()}}));
      answer_of(runtime);
      CHECK(contains(line_with(runtime.output(), entry.second), "WARN"));
    }
  }

  TEST_CASE("a socket pair or pipe of the process to itself is each event's own") {
    const ScratchFolder folder;
    folder.write("ffi.ini", "ffi.enable=1\n");
    for (const char* way : {"pair", "pipe"}) {
      CAPTURE(way);
      Environment environment{{"PHP_INI_SCAN_DIR", testing::scan_also(folder.path())}};
      {
        Runtime runtime(booting(way, environment));
        for (int event = 0; event < 2; ++event) CHECK(answer_of(runtime).text("line").empty());
        CHECK_FALSE(contains(runtime.output(), "WARN"));
        CHECK(contains(line_with(runtime.output(), "sealed in"), "(2 reopened, 0 closed)"));
      }
      environment["PHORK_FD_POLICY"] = "allow";
      Runtime shared(booting(way, environment));
      CHECK(answer_of(shared).text("line").empty());
      CHECK(answer_of(shared).text("line") == "from the event");
    }
  }

  TEST_CASE("php://stderr opened at boot writes to the log of the event") {
    Runtime runtime(booting("error-stream"));
    emulator::Event event;
    event.payload = "{}";
    event.request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
    CHECK(Json(runtime.invoke(event).body).integer("written") == 15);
    const std::string line = line_with(runtime.output_when_idle(), "from the event");
    CHECK(contains(line, event.request_id));
    CHECK_FALSE(contains(runtime.output(), "seal: descriptor"));
  }

  TEST_CASE("an application that opens nothing is sealed without a warning, once per zygote") {
    Runtime runtime(booting("nothing", {{"PHORK_FD_POLICY", "refuse"}}));
    for (int event = 0; event < 3; ++event) answer_of(runtime);
    const std::string log = runtime.output();
    CHECK_FALSE(contains(log, "WARN"));
    CHECK(count(log, "sealed in") == 1);
    const std::string line = line_with(log, "sealed in");
    CHECK(contains(line, "php-worker: zygote 1: kernel "));
    CHECK(contains(line, ", huge pages "));
    CHECK(contains(line, "(0 reopened, 0 closed)"));
  }
}

TEST_SUITE("seal: threads, sessions, timers, signals") {
  TEST_CASE("a thread is named in a warning, and is an error under PHORK_FD_POLICY=refuse") {
    const ScratchFolder folder;
    folder.write("ffi.ini", "ffi.enable=1\n");
    Environment environment{{"PHP_INI_SCAN_DIR", testing::scan_also(folder.path())}};
    {
      Runtime runtime(booting("thread", environment));
      // The zygote hears of each child, although a thread could take the signals.
      for (int event = 0; event < 5; ++event) answer_of(runtime);
      CHECK(contains(line_with(runtime.output(), "seal: thread 'test-poller'"), "WARN"));
    }
    environment["PHORK_FD_POLICY"] = "refuse";
    CHECK(contains(init_error_of(booting("thread", environment)), "thread 'test-poller'"));
  }

  TEST_CASE("a session that boot leaves open fails the boot, one that it closes does not") {
    const ScratchFolder folder;
    const Environment environment{{"SEAL_FOLDER", folder.path()}};
    // With PHP's files, and with a handler of the application's.
    for (const char* way : {"session", "session-own"}) {
      CAPTURE(way);
      const std::string error = init_error_of(booting(way, environment));
      CHECK(contains(error, "Runtime.SealFailed"));
      CHECK(contains(error, "boot has opened a session"));
    }
    Runtime runtime(booting("session-closed", environment));
    answer_of(runtime);
  }

  TEST_CASE("an alarm of the boot does not end the zygote") {
    Runtime runtime(booting("alarm"));
    answer_of(runtime);
    const auto zygote = testing::descendant_pids(runtime.pid()).front();
    CHECK(contains(line_with(runtime.output(), "boot has set an alarm"), "WARN"));
    const base::Fd end = base::open_pidfd(zygote);
    // The alarm was set to one second.
    CHECK_FALSE(base::wait_readable(
        end.get(), std::chrono::steady_clock::now() + std::chrono::milliseconds(1'300)));
    answer_of(runtime);
    CHECK(testing::descendant_pids(runtime.pid()).front() == zygote);
  }

  TEST_CASE("set_time_limit() at boot causes no warning") {
    Runtime runtime(booting("time-limit"));
    answer_of(runtime);
    CHECK_FALSE(contains(runtime.output(), "WARN"));
  }

  TEST_CASE("a boot that ignores SIGCHLD does not keep the zygote from collecting its children") {
    Runtime runtime(booting("ignored-children"));
    for (int event = 0; event < 3; ++event) answer_of(runtime);
    runtime.settled();
    CHECK_FALSE(contains(runtime.output(), "WARN"));
  }
}
