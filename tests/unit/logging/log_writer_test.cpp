// SPDX-License-Identifier: MIT
//
// Many threads, full pipes and the clock.
#include "runtime/logging/log_writer.h"

#include <array>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/unit/logging/log_harness.h"

namespace phork::logging {
namespace {

using base::LogFormat;
using base::LogLevel;
using base::LogRecord;
using testing::Source;
using namespace std::string_literals;

// Reads a pipe to its end on another thread.
class PipeReader {
 public:
  explicit PipeReader(base::Fd pipe) : pipe_(std::move(pipe)), thread_([this] { read_all(); }) {}

  std::string wait() {
    thread_.join();
    return std::move(text_);
  }

 private:
  void read_all() {
    std::array<char, 10'000> chunk{};
    for (ssize_t got = 0; (got = ::read(pipe_.get(), chunk.data(), chunk.size())) > 0;) {
      text_.append(chunk.data(), static_cast<std::size_t>(got));
    }
  }

  base::Fd pipe_;
  std::string text_;
  std::thread thread_;
};

// A pipe of one page, so that each big record takes many writes; `flags` are for its writing end.
base::FdPair make_small_pipe(int flags) {
  auto pipe = base::open_pipe().value();
  base::check(::fcntl(pipe.first.get(), F_SETFL, 0), "make a pipe blocking");
  base::check(::fcntl(pipe.second.get(), F_SETFL, flags), "set flags of a pipe");
  base::check(::fcntl(pipe.second.get(), F_SETPIPE_SZ, 4096), "shrink a pipe");
  return pipe;
}

void log_php(LogWriter& writer, const std::string& id, const std::string& text) {
  LogRecord record;
  record.source = Source::kPhpOutput;
  record.request_id = id;
  record.text = text;
  writer.write(record);
}

}  // namespace

TEST_SUITE("log writer") {
  TEST_CASE("records of 8 threads are complete and in each thread's order on a full pipe") {
    constexpr int kThreads = 8;
    constexpr int kRecords = 200;
    for (const int flags : {0, O_NONBLOCK}) {
      base::FdPair pipe = make_small_pipe(flags);
      PipeReader reader(std::move(pipe.first));
      {
        LogWriter writer({LogFormat::kText, LogLevel::kInfo, {}, pipe.second.get(), -1});
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread) {
          threads.emplace_back([&writer, thread] {
            const std::string filler(5000, static_cast<char>('a' + thread));
            for (int number = 0; number < kRecords; ++number) {
              log_php(writer, std::to_string(thread), std::to_string(number) + ' ' + filler);
            }
          });
        }
      }
      pipe.second.reset();

      std::istringstream lines(reader.wait());
      std::map<int, int> next;
      int bad = 0;
      for (std::string line; std::getline(lines, line);) {
        const std::size_t id = line.find('\t') + 1;
        const int thread = line.at(id) - '0';
        const std::string message = line.substr(line.find("\tINFO\t", id) + 6);
        const std::string expected = std::to_string(next[thread]++) + ' ' +
                                     std::string(5000, static_cast<char>('a' + thread));
        if (message != expected) ++bad;
      }
      CHECK(bad == 0);
      CHECK(next.size() == kThreads);
      for (const auto& [thread, count] : next) CHECK(count == kRecords);
    }
  }

  TEST_CASE("frames of many threads do not mix either") {
    base::FdPair pipe = make_small_pipe(O_NONBLOCK);
    PipeReader reader(std::move(pipe.first));
    {
      LogWriter writer({LogFormat::kJson, LogLevel::kInfo, std::move(pipe.second)});
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&writer, thread] {
          for (int number = 0; number < 50; ++number) {
            log_php(writer, std::to_string(thread), std::string(10'000, 'x'));
          }
        });
      }
    }
    const std::string bytes = reader.wait();
    std::size_t at = 0;
    int frames = 0;
    while (at + 16 <= bytes.size() && bytes.substr(at, 4) == "\xA5\x5A\x00\x0E"s) {
      std::size_t length = 0;
      for (std::size_t i = at + 4; i < at + 8; ++i) {
        length = length << 8U | static_cast<unsigned char>(bytes[i]);
      }
      at += 16 + length;
      ++frames;
    }
    CHECK(frames == 400);
    CHECK(at == bytes.size());
  }

  TEST_CASE("signals do not cut a record short") {
    struct sigaction action {};

    action.sa_handler = [](int) {};  // and no SA_RESTART: a full pipe answers EINTR

    struct sigaction before {};

    ::sigaction(SIGUSR1, &action, &before);
    base::FdPair pipe = make_small_pipe(0);
    const std::string text(std::size_t{4} << 20U, 'x');
    {
      LogWriter writer({LogFormat::kText, LogLevel::kInfo, {}, pipe.second.get(), -1});
      std::atomic<bool> done{false};
      std::thread thread([&] {
        log_php(writer, "id", text);
        done = true;
      });
      std::thread interrupter([&, target = thread.native_handle()] {
        while (!done) ::pthread_kill(target, SIGUSR1);
      });
      PipeReader reader(std::move(pipe.first));
      interrupter.join();
      thread.join();
      pipe.second.reset();
      const std::string got = reader.wait();
      CHECK(got.size() == sizeof "2025-01-31T12:00:00.123Z\tid\tINFO\t" + text.size());
      CHECK(got.ends_with(text + "\n"));
    }
    ::sigaction(SIGUSR1, &before, nullptr);
  }

  TEST_CASE("times follow the milliseconds and the days") {
    using namespace std::chrono;
    LogTime time;
    const auto end_of_year = sys_days(2024y / December / 31) + 23h + 59min + 59s;
    CHECK(time.iso8601(end_of_year) == "2024-12-31T23:59:59.000Z");
    CHECK(time.iso8601(end_of_year + 7ms) == "2024-12-31T23:59:59.007Z");
    CHECK(time.iso8601(end_of_year + 999ms + 999us) == "2024-12-31T23:59:59.999Z");
    CHECK(time.iso8601(end_of_year + 1s) == "2025-01-01T00:00:00.000Z");
    CHECK(time.iso8601(end_of_year) == "2024-12-31T23:59:59.000Z");
    CHECK(time.iso8601(system_clock::time_point()) == "1970-01-01T00:00:00.000Z");
  }
}

}  // namespace phork::logging
