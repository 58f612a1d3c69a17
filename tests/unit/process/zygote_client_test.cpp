// SPDX-License-Identifier: MIT
#include "runtime/process/zygote_client.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/socket_io.h"
#include "runtime/wire/frames.h"

namespace phork::process {
namespace {

using namespace std::chrono_literals;
using base::ErrorKind;
using base::Fd;

base::Deadline soon() {
  return std::chrono::steady_clock::now() + 10s;
}

base::Deadline in_a_moment() {
  return std::chrono::steady_clock::now() + 5ms;
}

// A pidfd of this process stands in for a child's.
Fd own_pidfd() {
  return Fd(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0)));
}

bool is_own_pidfd(const Fd& pidfd) {
  return ::syscall(SYS_pidfd_send_signal, pidfd.get(), 0, nullptr, 0) == 0;
}

constexpr int exited_with(int code) {
  return code << 8;
}

// The zygote's end of a control socket. Its messages wait in the socket until the client reads
// them, so most cases need no thread.
class FakeZygote {
 public:
  explicit FakeZygote(Fd control) : control_(std::move(control)) {}

  std::optional<base::Message> hear() const {
    if (!base::wait_readable(control_.get(), soon())) return std::nullopt;
    auto message = base::receive_message(control_.get());
    if (!message) return std::nullopt;
    return std::move(message).value();
  }

  void say(std::string_view bytes) const { CHECK(base::send_message(control_.get(), bytes).ok()); }

  void say_forked(pid_t pid) const {
    const Fd pidfd = own_pidfd();
    const std::array<int, 1> passed{pidfd.get()};
    CHECK(base::send_message(control_.get(), wire::encode(wire::Forked{pid, 0}).head, passed).ok());
  }

  void say_not_forked(int error) const { say(wire::encode(wire::Forked{0, error}).head); }

  void say_exited(pid_t pid, int wait_status) const {
    say(wire::encode(wire::Exited{pid, wait_status, 0, 0}).head);
  }

  void end() { control_.reset(); }

 private:
  Fd control_;
};

// A client and its zygote, with descriptors to pass to children.
struct Line {
  Line() : Line(make_pair()) {}

  explicit Line(base::FdPair pair) : client(std::move(pair.first)), zygote(std::move(pair.second)) {
    REQUIRE(output.ok());
    REQUIRE(error.ok());
    REQUIRE(channel.ok());
  }

  static base::FdPair make_pair() {
    auto pair = base::make_socket_pair(SOCK_SEQPACKET);
    REQUIRE(pair.ok());
    return std::move(pair).value();
  }

  base::Result<ForkedChild> fork(base::Deadline deadline = soon()) {
    return client.fork(channel->second, output->second, error->second, deadline);
  }

  ZygoteClient client;
  FakeZygote zygote;
  base::Result<base::FdPair> channel = base::make_socket_pair(SOCK_STREAM);
  base::Result<base::FdPair> output = base::open_pipe();
  base::Result<base::FdPair> error = base::open_pipe();
};

bool write_and_read(const Fd& writer, const Fd& reader) {
  char byte = 'x';
  if (::write(writer.get(), &byte, 1) != 1) return false;
  byte = '\0';
  return ::read(reader.get(), &byte, 1) == 1 && byte == 'x';
}

}  // namespace

TEST_SUITE("zygote_client: fork") {
  TEST_CASE("a fork sends channel, stdout and stderr, and returns pid and pidfd") {
    Line line;
    std::optional<base::Message> request;
    std::jthread zygote([&] {
      request = line.zygote.hear();
      line.zygote.say_forked(4711);
    });
    const auto child = line.fork();
    zygote.join();
    REQUIRE(child.ok());
    CHECK(child->pid == 4711);
    CHECK(is_own_pidfd(child->pidfd));

    REQUIRE(request.has_value());
    const auto frame = wire::parse_message(request->bytes);
    REQUIRE(frame.ok());
    CHECK(frame->type == wire::FrameType::kFork);
    REQUIRE(request->descriptors.size() == 3);
    CHECK(write_and_read(request->descriptors[0], line.channel->first));
    CHECK(write_and_read(request->descriptors[1], line.output->first));
    CHECK(write_and_read(request->descriptors[2], line.error->first));
  }

  TEST_CASE("a failed fork is an error with the zygote's reason, and a later one can succeed") {
    Line line;
    line.zygote.say_not_forked(EAGAIN);
    line.zygote.say_forked(2);
    const auto failed = line.fork();
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().kind == ErrorKind::kSystem);
    CHECK(failed.error().text == "process: zygote: fork: Resource temporarily unavailable");
    const auto child = line.fork();
    REQUIRE(child.ok());
    CHECK(child->pid == 2);
  }

  TEST_CASE("a missing answer is an error at the deadline") {
    Line line;
    const base::Deadline deadline = in_a_moment();
    const auto child = line.fork(deadline);
    REQUIRE_FALSE(child.ok());
    CHECK(child.error().kind == ErrorKind::kTimeout);
    CHECK(std::chrono::steady_clock::now() >= deadline);
  }

  TEST_CASE("exit reports that arrive meanwhile are no answer, but are kept") {
    Line line;
    line.zygote.say_exited(1, exited_with(3));
    line.zygote.say_exited(2, SIGKILL);
    CHECK(line.fork(in_a_moment()).error().kind == ErrorKind::kTimeout);
    const auto first = line.client.wait_exit(1, soon());
    REQUIRE(first.ok());
    REQUIRE(first.value().has_value());
    CHECK(first.value()->describe() == "exit code 3");
  }

  TEST_CASE("a zygote that has ended gives another error than a failed fork") {
    Line line;
    line.zygote.end();
    CHECK(line.fork().error().kind == ErrorKind::kDisconnected);
  }

  TEST_CASE("a zygote that ends during a fork is disconnected") {
    Line line;
    std::jthread zygote([&] {
      CHECK(line.zygote.hear().has_value());
      line.zygote.end();
    });
    CHECK(line.fork().error().kind == ErrorKind::kDisconnected);
  }

  TEST_CASE("a message other than an answer to the fork is refused") {
    const std::string forked = wire::encode(wire::Forked{1, 0}).head;
    for (const std::string& bytes :
         {std::string("garbage"), forked.substr(0, forked.size() - 1), forked + 'x',
          wire::encode(wire::Ready{}).head, wire::encode_fork().head}) {
      CAPTURE(bytes.size());
      Line line;
      line.zygote.say(bytes);
      const auto child = line.fork();
      REQUIRE_FALSE(child.ok());
      CHECK(child.error().kind == ErrorKind::kInvalid);
    }
  }
}

TEST_SUITE("zygote_client: wait_exit") {
  TEST_CASE("a report tells how a child ended") {
    Line line;
    line.zygote.say_exited(1, exited_with(0));
    line.zygote.say_exited(2, exited_with(255));
    line.zygote.say_exited(3, SIGSEGV);
    CHECK(line.client.wait_exit(1, soon()).value()->clean());
    CHECK(line.client.wait_exit(2, soon()).value()->describe() == "exit code 255");
    const auto killed = line.client.wait_exit(3, soon()).value();
    CHECK(killed->kind == ExitStatus::Kind::kSignalled);
    CHECK(killed->code == SIGSEGV);
  }

  TEST_CASE("reports are found in any order") {
    Line line;
    line.zygote.say_exited(1, exited_with(1));
    line.zygote.say_exited(2, exited_with(2));
    line.zygote.say_exited(3, exited_with(3));
    CHECK(line.client.wait_exit(3, soon()).value()->code == 3);
    CHECK(line.client.wait_exit(1, soon()).value()->code == 1);
    CHECK(line.client.wait_exit(2, soon()).value()->code == 2);
  }

  TEST_CASE("a report that arrives before the next fork is not lost") {
    Line line;
    line.zygote.say_exited(1, exited_with(7));
    line.zygote.say_forked(2);
    REQUIRE(line.fork()->pid == 2);
    line.zygote.end();
    CHECK(line.client.wait_exit(1, soon()).value()->code == 7);
  }

  TEST_CASE("a report that arrives during the wait ends it") {
    Line line;
    const std::jthread zygote([&] { line.zygote.say_exited(1, exited_with(4)); });
    CHECK(line.client.wait_exit(1, soon()).value()->code == 4);
  }

  TEST_CASE("the end of a child is reported once") {
    Line line;
    line.zygote.say_exited(1, exited_with(0));
    CHECK(line.client.wait_exit(1, soon()).value().has_value());
    const auto again = line.client.wait_exit(1, in_a_moment());
    REQUIRE(again.ok());
    CHECK_FALSE(again.value().has_value());
  }

  TEST_CASE("a child that runs on is not an error") {
    Line line;
    line.zygote.say_exited(2, exited_with(0));
    const auto status = line.client.wait_exit(1, in_a_moment());
    REQUIRE(status.ok());
    CHECK_FALSE(status.value().has_value());
  }

  TEST_CASE("after a zygote's end only the reports that it sent before are found") {
    Line line;
    line.zygote.say_exited(2, exited_with(0));
    line.zygote.end();
    CHECK(line.client.wait_exit(1, soon()).error().kind == ErrorKind::kDisconnected);
    CHECK(line.client.wait_exit(2, soon()).value()->clean());
  }

  TEST_CASE("a message other than a report is refused") {
    const std::string exited = wire::encode(wire::Exited{1, 0, 0, 0}).head;
    for (const std::string& bytes : {std::string("garbage"), exited.substr(0, exited.size() - 1),
                                     wire::encode(wire::Ready{}).head}) {
      CAPTURE(bytes.size());
      Line line;
      line.zygote.say(bytes);
      const auto status = line.client.wait_exit(1, soon());
      REQUIRE_FALSE(status.ok());
      CHECK(status.error().kind == ErrorKind::kInvalid);
    }
  }
}

}  // namespace phork::process
