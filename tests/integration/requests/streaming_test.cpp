// SPDX-License-Identifier: MIT
//
// Answers that leave while PHP makes them (PHORK_RESPONSE=stream): the caller gets them early, and
// byte for byte. Real bootstrap, real PHP. streaming_faults_test.cpp has the streams that fail.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/concurrent_api.h"
#include "tests/support/json.h"
#include "tests/support/stream_runtime.h"

namespace {

using namespace phork;
using emulator::HttpReply;
using testing::ConcurrentApi;
using testing::Json;
using testing::StreamCall;
using testing::StreamRuntime;

constexpr std::size_t kMegabyte = std::size_t{1} << 20;
// A process that streams keeps a piece or two, whatever the length of the answer.
constexpr long kMostGrowthKb = 8L * 1024;

std::string header(const HttpReply& reply, const std::string& lower_name) {
  std::string joined;
  for (const std::string& value : testing::header_values(reply.headers, lower_name)) {
    joined += (joined.empty() ? "" : "|") + value;
  }
  return joined;
}

// The bytes that stream.php sends for `bytes`: see its block().
class Pattern {
 public:
  Pattern() : block_(kPeriod, '\0') {
    for (std::size_t i = 0; i < kPeriod; ++i) {
      block_[i] = static_cast<char>(static_cast<unsigned char>(i * 31 + (i >> 8U)));
    }
  }

  // True when the body has these bytes at `offset`.
  bool matches(std::size_t offset, std::string_view bytes) const {
    while (!bytes.empty()) {
      const std::string_view here = std::string_view(block_).substr(offset % kPeriod, bytes.size());
      if (!bytes.starts_with(here)) return false;
      offset += here.size();
      bytes.remove_prefix(here.size());
    }
    return true;
  }

 private:
  static constexpr std::size_t kPeriod = 65'537;

  std::string block_;
};

// Compares a streamed body with the pattern while it comes, without keeping it.
class PatternReader {
 public:
  void take(std::string_view bytes) {
    if (!in_body_) {
      head_ += bytes;
      const std::size_t end = head_.find(std::string(8, '\0'));
      if (end == std::string::npos) return;
      in_body_ = true;
      const std::string first = head_.substr(end + 8);
      return follow(first);
    }
    follow(bytes);
  }

  std::size_t count() const { return count_; }

  bool intact() const { return intact_; }

 private:
  void follow(std::string_view bytes) {
    intact_ = intact_ && pattern_.matches(count_, bytes);
    count_ += bytes.size();
  }

  const Pattern pattern_;
  std::string head_;
  std::size_t count_ = 0;
  bool in_body_ = false;
  bool intact_ = true;
};

// A streamed body of `count` bytes arrives as the script sent it.
void check_pattern(StreamRuntime& runtime, std::size_t count) {
  PatternReader reader;
  StreamCall call(*runtime, runtime.event("bytes", "&count=" + std::to_string(count)),
                  [&reader](std::string_view bytes) { reader.take(bytes); });
  CHECK_MESSAGE(call.result().answered(), call.result().body);
  CHECK(reader.count() == count);
  CHECK(reader.intact());
}

std::string query_event(const std::string& what) {
  return R"({"do":")" + what + "\"}";
}

// The answer of a handler that must come as a whole.
std::string whole_answer(StreamRuntime& runtime, const std::string& what) {
  StreamCall call(*runtime, query_event(what));
  CHECK(call.result().answered());
  CHECK_FALSE(call.result().streamed);
  return call.result().body;
}

}  // namespace

TEST_SUITE("streaming") {
  TEST_CASE("the first bytes reach the caller while PHP still makes the rest") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      StreamCall call(*runtime, runtime.event("gate"));
      REQUIRE_MESSAGE(call.has("first "), runtime->output());
      CHECK_FALSE(call.has_now("second"));
      runtime.open_gate();
      const HttpReply reply = call.reply();
      CHECK(call.result().content_type == "application/vnd.awslambda.http-integration-response");
      CHECK(reply.status == 203);
      CHECK(header(reply, "content-type") == "text/event-stream;charset=UTF-8");
      CHECK(header(reply, "x-one") == "1");
      CHECK(header(reply, "set-cookie") == "a=1|b=2");
      CHECK(reply.body == "first second");
      CHECK(runtime.serves_on());
    }
  }

  TEST_CASE("an answer for API Gateway v1 has repeated headers in multiValueHeaders") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      runtime.open_gate();
      testing::HttpCall get{"GET", "/?do=gate&gate=" + runtime.gate(), {}, ""};
      StreamCall call(*runtime, testing::http_event(get, "v1"));
      REQUIRE(call.result().answered());
      const std::string bytes = call.bytes();
      const std::string text = bytes.substr(0, bytes.find('\0'));
      CHECK(Json(text).raw("multiValueHeaders.Set-Cookie") == R"(["a=1","b=2"])");
      CHECK_FALSE(Json(text).has("cookies"));
      CHECK(call.reply().body == "first second");
    }
  }

  TEST_CASE("ten megabytes of every byte value arrive unchanged") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      for (const std::size_t count : {std::size_t{1}, std::size_t{65'535}, std::size_t{65'536},
                                      std::size_t{65'537}, 10 * kMegabyte}) {
        CAPTURE(count);
        check_pattern(runtime, count);
      }
    }
  }

  TEST_CASE("the runtime's memory does not grow with the length of an answer") {
    const std::size_t count = testing::event_count(100) * kMegabyte;
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      check_pattern(runtime, 2 * kMegabyte);
      const long before = testing::memory_kb(runtime->pid(), "VmHWM");
      check_pattern(runtime, count);
      const long after = testing::memory_kb(runtime->pid(), "VmHWM");
      MESSAGE(strategy, ": ", count / kMegabyte, " MB, peak ", before, " -> ", after, " KB");
      CHECK(after < before + kMostGrowthKb);
    }
  }

  TEST_CASE("a slow caller slows PHP down, and the runtime buffers nothing for it") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      check_pattern(runtime, 2 * kMegabyte);
      const long before = testing::memory_kb(runtime->pid(), "VmHWM");
      StreamCall call(*runtime, runtime.event("progress"), {}, true);
      // Of 64 MB only as much is sent as the sockets on the way can hold.
      std::string last;
      REQUIRE(testing::eventually([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        const std::string notes = runtime.notes();
        const bool stands = !notes.empty() && notes == last;
        last = notes;
        return stands;
      }));
      CHECK(std::stoi(last) < 512);
      CHECK(testing::memory_kb(runtime->pid(), "VmHWM") < before + kMostGrowthKb);
      call.release();
      CHECK(call.reply().body.size() == 64 * kMegabyte);
      CHECK(runtime.notes() == "1024");
    }
  }

  TEST_CASE("an empty response, and a status that has no body, is a whole answer") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      StreamCall nothing(*runtime, runtime.event("nothing"));
      CHECK(nothing.reply().status == 404);
      CHECK(nothing.reply().body.empty());
      for (const int status : {204, 304}) {
        CAPTURE(status);
        StreamCall call(*runtime, runtime.event("status", "&status=" + std::to_string(status)));
        CHECK(call.reply().status == status);
        CHECK(header(call.reply(), "x-kept") == "yes");
        CHECK(call.reply().body.empty());
      }
      testing::HttpCall head{"HEAD", "/?do=status&status=200", {}, ""};
      StreamCall call(*runtime, testing::http_event(head));
      CHECK(call.reply().status == 200);
      CHECK(header(call.reply(), "x-kept") == "yes");
      CHECK(call.reply().body.empty());
      CHECK(runtime.serves_on());
    }
  }

  TEST_CASE("output_buffering in php.ini holds nothing back, but the code's own buffers do") {
    const testing::ScratchFolder scratch;
    scratch.write("buffer.ini", "output_buffering = 4096\nzlib.output_compression = 0\n");
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy, "stream.php",
                            {{"PHP_INI_SCAN_DIR", testing::scan_also(scratch.path())}});
      StreamCall first(*runtime, runtime.event("gate"));
      REQUIRE_MESSAGE(first.has("first "), runtime->output());
      runtime.open_gate();
      CHECK(first.reply().body == "first second");
      runtime.close_gate();
      StreamCall second(*runtime, runtime.event("unflushed"));
      CHECK(second.has("first second "));
      CHECK_FALSE(second.has_now("third"));
      runtime.open_gate();
      CHECK(second.reply().body == "first second third");
    }
  }

  TEST_CASE(
      "fastcgi_finish_request() ends a stream, and the caller does not wait for the code after "
      "it") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy);
      StreamCall call(*runtime, runtime.event("finish"));
      // Ended, though PHP waits for the gate.
      CHECK(call.reply().body == "first last");
      CHECK(runtime.notes().empty());
      runtime.open_gate();
      CHECK(runtime.serves_on());
      CHECK(runtime.notes() == "worked on\n");
    }
  }

  TEST_CASE("the values that a handler yields are sent one by one") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy, "stream_handler.php");
      StreamCall call(*runtime, R"({"do":"generator","gate":")" + runtime.gate() + "\"}");
      REQUIRE_MESSAGE(call.has("one "), runtime->output());
      CHECK_FALSE(call.has_now("2"));
      runtime.open_gate();
      REQUIRE(call.result().answered());
      CHECK(call.result().content_type == "application/octet-stream");
      CHECK(call.bytes() == "one 2 three");
      StreamCall iterator(*runtime, query_event("iterator"));
      REQUIRE(iterator.result().answered());
      CHECK(iterator.bytes() == "abc");
      StreamCall many(*runtime, query_event("many"));
      REQUIRE(many.result().answered());
      const std::string bytes = many.bytes();
      CHECK(bytes.size() == 10'000'000);
      CHECK(bytes.find_first_not_of('x') == std::string::npos);
      CHECK(runtime->output_when_idle().find("the generator ended") != std::string::npos);
    }
  }

  TEST_CASE("a handler's answer with pieces as its body is an HTTP answer") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy, "stream_handler.php");
      StreamCall call(*runtime, query_event("http"));
      const HttpReply reply = call.reply();
      CHECK(reply.status == 207);
      CHECK(header(reply, "content-type") == "text/plain");
      CHECK(header(reply, "x-one") == "1");
      CHECK(header(reply, "set-cookie") == "a=1|b=2");
      CHECK(reply.body == "one 2 three");
    }
  }

  TEST_CASE("a handler's result that is a value is sent as JSON, whole") {
    for (const std::string& strategy : testing::streaming_strategies()) {
      CAPTURE(strategy);
      StreamRuntime runtime(strategy, "stream_handler.php");
      CHECK(whole_answer(runtime, "array") == R"({"a":1,"list":[1,2.5,null]})");
      CHECK(whole_answer(runtime, "text") == R"("just text")");
      CHECK(whole_answer(runtime, "null") == "null");
      CHECK(whole_answer(runtime, "response") == R"({"statusCode":200,"body":"whole"})");
    }
  }

  TEST_CASE("four events at a time stream at the same time") {
    for (const std::string strategy : {"exec", "prespawn", "fork"}) {
      CAPTURE(strategy);
      const testing::ScratchFolder scratch;
      ConcurrentApi api;
      testing::Program bootstrap(
          testing::program("bootstrap"), {"--strategy=" + strategy},
          {{"AWS_LAMBDA_RUNTIME_API", api.address()},
           {"_HANDLER", "stream.php"},
           {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/scripts")},
           {"AWS_LAMBDA_MAX_CONCURRENCY", "4"},
           {"PHORK_RESPONSE", "stream"}});
      const std::string event = testing::http_event("/?do=gate&gate=" + scratch.file("gate"));
      for (int number = 0; number < 4; ++number) api.give("event-" + std::to_string(number), event);
      REQUIRE_MESSAGE(testing::eventually([&] { return api.under_way() == 4; }),
                      bootstrap.output());
      scratch.write("gate", "");
      REQUIRE(api.wait_outcomes(4));
      for (const auto& outcome : api.outcomes()) {
        const std::vector<ConcurrentApi::Posted>& posted = outcome.second;
        CAPTURE(outcome.first);
        REQUIRE(posted.size() == 1);
        CHECK(posted.front().answered);
        CHECK(testing::streamed_reply(posted.front().body).body == "first second");
      }
    }
  }

  TEST_CASE("a strategy that cannot stream says so and does not start") {
    testing::RuntimeOptions options;
    options.task_root = testing::source_path("tests/fixtures/scripts");
    options.handler = "stream.php";
    options.strategy = "fpm";
    options.environment["PHORK_RESPONSE"] = "stream";
    testing::Runtime runtime(options);
    CHECK(runtime.process().wait_exit().describe() == "exit code 100");
    CHECK(runtime.output().find("strategy fpm cannot stream answers") != std::string::npos);
  }
}
