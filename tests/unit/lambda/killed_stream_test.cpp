// SPDX-License-Identifier: MIT
#include <csignal>
#include <cstring>
#include <functional>
#include <new>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/lambda/cut_stream.h"
#include "tests/unit/lambda/cut_streams.h"

namespace phork::lambda {
namespace {

using base::kNoDeadline;
using namespace std::chrono_literals;
using namespace testing;  // NOLINT(google-build-using-namespace)

// A mark that forked processes share.
class SharedMark : private base::Pinned {
 public:
  SharedMark() {
    void* memory = ::mmap(nullptr, sizeof(StreamMark), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    mark_ = new (memory) StreamMark;
  }

  ~SharedMark() { ::munmap(mark_, sizeof *mark_); }

  StreamMark& operator*() const { return *mark_; }

  // As it is now.
  StreamMark read() const {
    const volatile StreamMark& mark = *mark_;
    return {mark.written_before, mark.chunk_begins_at, mark.chunk_bytes};
  }

 private:
  StreamMark* mark_;
};

// Runs `part` in another process, and `look` before each of its instructions.
void step_through(const std::function<void()>& part, const std::function<void()>& look) {
  const pid_t pid = base::check(::fork(), "fork");
  if (pid == 0) {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == -1) ::_exit(1);
    ::raise(SIGSTOP);
    part();
    ::_exit(0);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
    look();
    ::ptrace(PTRACE_SINGLESTEP, pid, nullptr, nullptr);
  }
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

// A process that takes an event and streams chunks of these sizes, over and over where
// `is_endless`.
class Worker : private base::Pinned {
 public:
  Worker(const Endpoint& endpoint, const std::vector<std::size_t>& chunks, bool is_endless = false)
      : socket_(Begun(endpoint).copy()) {
    shrink_send_buffer(socket_.get());
    auto pipe = base::open_pipe();
    REQUIRE(pipe.ok());
    pid_ = base::check(::fork(), "fork");
    if (pid_ == 0) stream(chunks, is_endless, pipe->second.get());
    written_ = std::move(pipe->first);
  }

  ~Worker() { kill(); }

  // Until all chunks are in the socket.
  void wait_until_written() const { REQUIRE(base::wait_readable(written_.get(), in(kLongEnough))); }

  void wait_until_blocked() const {
    const auto limit = in(kLongEnough);
    while (mark_.read().chunk_bytes == 0 || base::wait_writable(socket_.get(), in(0ms))) {
      REQUIRE(std::chrono::steady_clock::now() < limit);
      std::this_thread::yield();
    }
  }

  void kill() {
    if (pid_ == 0) return;
    int status = 0;
    ::kill(pid_, SIGKILL);
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    CHECK(WIFSIGNALED(status));
  }

  base::Result<Posted> finish() {
    kill();
    return finish_cut_stream(std::move(socket_), mark_.read(), failure(), in(kLongEnough));
  }

 private:
  [[noreturn]] void stream(const std::vector<std::size_t>& chunks, bool is_endless, int written) {
    HttpRuntimeApi api({"127.0.0.1", 1});
    api.connection().adopt(copy_of(socket_.get()));
    api.connection().set_mark(&*mark_);
    const auto invocation = api.next();
    if (!invocation || !api.begin_stream(invocation.value(), "text/plain")) ::_exit(1);
    std::size_t at = 0;
    do {
      for (const std::size_t size : chunks) {
        if (!api.write_stream(text_from(at, size), kNoDeadline)) ::_exit(1);
        at += size;
      }
    } while (is_endless);
    if (::write(written, "", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }

  base::Fd socket_;
  base::Fd written_;
  SharedMark mark_;
  pid_t pid_ = 0;
};

}  // namespace

TEST_SUITE_BEGIN("killed streams");

TEST_CASE("a worker killed while it waits for room amid a chunk") {
  StreamReader reader(0, true);
  Worker worker(reader.endpoint(), {5, kMaxChunkBytes});
  worker.wait_until_blocked();
  worker.kill();
  reader.resume();
  check_ended(reader, worker.finish());
  CHECK(reader.body()->bytes.size() == 5 + kMaxChunkBytes);
  CHECK(reader.body()->cut() > 5);
  CHECK(reader.body()->cut() < 5 + kMaxChunkBytes);
}

TEST_CASE("a worker killed between two chunks") {
  StreamReader reader(0, true);
  reader.resume();
  Worker worker(reader.endpoint(), {5, 70'000, kMaxChunkBytes + 1});
  worker.wait_until_written();
  check_ended(reader, worker.finish());
  CHECK(reader.body()->cut() == 70'006 + kMaxChunkBytes);
  CHECK(reader.body()->bytes.size() == reader.body()->cut());
}

TEST_CASE("a worker killed anywhere, while it sends chunks of all sizes") {
  for (const std::size_t bytes :
       std::vector<std::size_t>{1, 300, 2'000, 50'000, 400'000, 1'000'000}) {
    CAPTURE(bytes);
    StreamReader reader(bytes, true);
    Worker worker(reader.endpoint(), {1, 17, 3, 4'000, 256, 60'000, 2, 300'000}, true);
    reader.wait_for_pause();
    worker.kill();
    reader.resume();
    check_ended(reader, worker.finish());
  }
}

TEST_CASE("a worker killed before the first byte leaves nothing to end") {
  StreamReader reader(0, true);
  Worker worker(reader.endpoint(), {});
  worker.wait_until_written();
  check_given_up(reader, "", worker.finish());
}

TEST_CASE("a mark is true before each instruction") {
  const StreamReader reader;
  Begun begun(reader.endpoint());
  const SharedMark shared;
  const std::uint64_t written = begun.mark.written_before;
  *shared = {written + 9, 8, 7};  // of a stream before
  std::size_t states = 0;
  StreamMark last;

  const auto head = [&] { mark_head(*shared, begun.api.connection().socket(), 100); };
  step_through(head, [&] {
    const StreamMark mark = shared.read();
    if (std::memcmp(&mark, &last, sizeof mark) != 0) ++states;
    last = mark;
    if (states == 1 || mark.chunk_begins_at == 0) return;
    CHECK(mark.chunk_begins_at == 100);
    CHECK(mark.chunk_bytes == 0);
    CHECK(mark.written_before == written);
  });
  CHECK(states == 5);

  const auto check_chunk = [&](std::size_t bytes, std::uint64_t begins_at) {
    const StreamMark before = shared.read();
    step_through([&] { mark_chunk(*shared, bytes); },
                 [&] {
                   const StreamMark mark = shared.read();
                   if (mark.chunk_begins_at == begins_at) return;
                   CHECK(mark.chunk_begins_at == before.chunk_begins_at);
                   CHECK(mark.chunk_bytes == before.chunk_bytes);
                 });
    CHECK(shared.read().chunk_begins_at == begins_at);
    CHECK(shared.read().chunk_bytes == bytes);
  };
  check_chunk(5, 100);
  check_chunk(6, 100 + 3 + 5 + 2);
}

TEST_SUITE_END();

}  // namespace phork::lambda
