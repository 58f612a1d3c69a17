// SPDX-License-Identifier: MIT
#include "runtime/process/line_reader.h"

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/io.h"

namespace phork::process {
namespace {

using namespace std::chrono_literals;
using base::Fd;

// A reader, the other end of its pipe, and the lines read so far.
class Output {
 public:
  Output() {
    auto pipe = base::open_pipe();
    REQUIRE(pipe.ok());
    reader_ = LineReader(std::move(pipe->first));
    writer_ = std::move(pipe->second);
  }

  void write(std::string_view text) const {
    REQUIRE(::write(writer_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }

  // A second descriptor of the writing end, like that of a writer's child.
  Fd share() const { return Fd(::fcntl(writer_.get(), F_DUPFD_CLOEXEC, 0)); }

  Fd take_writer() { return std::move(writer_); }

  void close() { writer_.reset(); }

  bool drain() {
    return reader_.drain([this](std::string_view line) { lines.emplace_back(line); });
  }

  // Drains until the end.
  void drain_all() {
    do {
      REQUIRE(base::wait_readable(fd(), std::chrono::steady_clock::now() + 10s));
    } while (drain());
  }

  int fd() const { return reader_.fd(); }

  std::vector<std::string> lines;

 private:
  LineReader reader_;
  Fd writer_;
};

using Lines = std::vector<std::string>;

// Writes from a thread, because the text does not fit into a pipe.
std::jthread write_and_close(Output& output, std::string_view text) {
  return std::jthread([writer = output.take_writer(), text]() mutable {
    while (!text.empty()) {
      const ssize_t written = ::write(writer.get(), text.data(), text.size());
      if (written <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  });
}

std::string join(const Lines& parts) {
  std::string whole;
  for (const std::string& part : parts) whole += part;
  return whole;
}

}  // namespace

TEST_SUITE("line_reader") {
  TEST_CASE("whole lines are returned without their newlines") {
    Output output;
    output.write("one\n\nthree\n");
    CHECK(output.drain());
    CHECK(output.lines == Lines{"one", "", "three"});
    CHECK(output.fd() >= 0);
  }

  TEST_CASE("an empty pipe is not the end") {
    Output output;
    CHECK(output.drain());
    CHECK(output.lines.empty());
  }

  TEST_CASE("a partial line is kept until its rest arrives") {
    Output output;
    output.write("be");
    CHECK(output.drain());
    output.write("gin");
    CHECK(output.drain());
    CHECK(output.drain());
    CHECK(output.lines.empty());
    output.write("ning\nne");
    CHECK(output.drain());
    CHECK(output.lines == Lines{"beginning"});
    output.write("xt\n");
    CHECK(output.drain());
    CHECK(output.lines == Lines{"beginning", "next"});
  }

  TEST_CASE("lines do not depend on how the writes were cut") {
    const std::string text = "alpha\n\nbeta\r\ngamma";
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      CAPTURE(cut);
      Output output;
      output.write(text.substr(0, cut));
      CHECK(output.drain());
      output.write(text.substr(cut));
      output.close();
      CHECK_FALSE(output.drain());
      CHECK(output.lines == Lines{"alpha", "", "beta\r", "gamma"});
    }
  }

  TEST_CASE("a last line without a newline is returned at the end, once") {
    Output output;
    output.write("done\nlast words");
    output.close();
    CHECK_FALSE(output.drain());
    CHECK(output.lines == Lines{"done", "last words"});
    CHECK(output.fd() == -1);
    CHECK_FALSE(output.drain());
    CHECK(output.lines.size() == 2);
  }

  TEST_CASE("a newline at the end gives no empty line") {
    Output output;
    output.write("last\n");
    output.close();
    CHECK_FALSE(output.drain());
    CHECK(output.lines == Lines{"last"});
  }

  TEST_CASE("a pipe ends when its last writer closes it") {
    Output output;
    Fd child = output.share();
    output.close();
    CHECK(output.drain());
    CHECK(::write(child.get(), "child\n", 6) == 6);
    child.reset();
    CHECK_FALSE(output.drain());
    CHECK(output.lines == Lines{"child"});
  }

  TEST_CASE("any byte but a newline belongs to the line") {
    Output output;
    const std::string bytes("\0\xff\x80\r\t", 5);
    output.write(bytes + '\n');
    CHECK(output.drain());
    CHECK(output.lines == Lines{bytes});
  }

  TEST_CASE("a reader without a pipe has ended") {
    LineReader reader;
    CHECK(reader.fd() == -1);
    CHECK_FALSE(reader.drain([](std::string_view) { FAIL("there is no line"); }));
  }

  TEST_CASE("a move keeps the beginning of a line") {
    Output output;
    output.write("moved ");
    CHECK(output.drain());
    Output next(std::move(output));
    next.write("on\n");
    CHECK(next.drain());
    CHECK(next.lines == Lines{"moved on"});
  }

  TEST_CASE("lines of any usual length are not split") {
    for (const std::size_t size : {4095U, 4096U, 65'535U, 65'536U, 65'537U, 200'000U}) {
      CAPTURE(size);
      Output output;
      const std::string text = std::string(size, 'x') + "\nnext\n";
      const std::jthread writer = write_and_close(output, text);
      output.drain_all();
      REQUIRE(output.lines.size() == 2);
      CHECK(output.lines.front().size() == size);
      CHECK(output.lines.back() == "next");
    }
  }

  TEST_CASE("a huge line is returned in parts of limited size, without a loss") {
    std::string line;
    for (int count = 0; line.size() < 3'000'000; ++count) line += std::to_string(count) + ' ';
    const std::string text = line + "\nnext";
    Output output;
    const std::jthread writer = write_and_close(output, text);
    output.drain_all();
    REQUIRE(output.lines.size() > 2);
    CHECK(output.lines.back() == "next");
    output.lines.pop_back();
    CHECK((join(output.lines) == line));
    CHECK(std::ranges::all_of(output.lines, [](const std::string& part) {
      return part.size() < std::size_t{512} << 10;
    }));
  }

  TEST_CASE("a large number of short lines is returned in order") {
    constexpr std::size_t kLines = 100'000;
    std::string text;
    for (std::size_t i = 0; i < kLines; ++i) text += std::to_string(i) + '\n';
    Output output;
    const std::jthread writer = write_and_close(output, text);
    output.drain_all();
    REQUIRE(output.lines.size() == kLines);
    std::size_t expected = 0;
    CHECK(std::ranges::all_of(output.lines, [&expected](const std::string& line) {
      return line == std::to_string(expected++);
    }));
  }
}

}  // namespace phork::process
