// SPDX-License-Identifier: MIT
#include <functional>
#include <future>
#include <limits>
#include <sys/socket.h>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/lambda/error_report.h"
#include "tests/unit/lambda/cut_streams.h"

namespace phork::lambda {
namespace {

using base::ErrorKind;
using base::kNoDeadline;
using namespace std::chrono_literals;
using namespace testing;  // NOLINT(google-build-using-namespace)

}  // namespace

TEST_SUITE_BEGIN("cut stream");

TEST_CASE("a stream can be ended behind each of its bytes") {
  // Behind the beginning, and when each chunk was sent.
  std::vector<StreamMark> marks;
  std::string wire;
  {
    StreamReader reader;
    Begun begun(reader.endpoint());
    marks.push_back(begun.mark);
    for (const std::string& chunk : {text_from(0, 3), text_from(3, 18)}) {
      REQUIRE(begun.api.write_stream(chunk, kNoDeadline).ok());
      marks.push_back(begun.mark);
    }
    reader.resume();
    REQUIRE(begun.api.end_stream(nullptr).ok());
    CHECK(begun.mark.chunk_begins_at == 0);
    wire = reader.wire();
  }
  const std::size_t head = wire.find(kHeadEnd) + kHeadEnd.size();
  const std::size_t second = head + std::string_view("3\r\nabc\r\n").size();
  const std::size_t end = second + std::string_view("12\r\n\r\n").size() + 18;
  CHECK(marks[0].chunk_begins_at == head);
  CHECK(marks[1].chunk_begins_at == head);
  CHECK(marks[2].chunk_begins_at == second);
  REQUIRE(wire.size() == end + std::string_view("0\r\n\r\n").size());

  const auto check = [&](std::size_t sent, StreamMark mark) {
    CAPTURE(sent);
    CAPTURE(mark.chunk_bytes);
    StreamReader reader;
    reader.resume();
    Begun begun(reader.endpoint());
    begun.send_raw(wire.substr(0, sent));
    mark.written_before = begun.mark.written_before;
    const auto posted = finish_cut_stream(begun.copy(), mark, failure(), in(kLongEnough));
    if (sent < head) return check_given_up(reader, wire.substr(0, sent), posted);
    check_ended(reader, posted);
    CHECK(reader.wire().starts_with(wire.substr(0, std::min(sent, end))));
    const std::size_t chunks = (sent > head ? 3 : 0) + (sent > second ? 18 : 0);
    CHECK(reader.body()->bytes.size() == chunks);
  };
  for (const std::size_t sent : {std::size_t{0}, std::size_t{1}, head - 1}) {
    check(sent, marks[0]);
    check(sent, marks[1]);
  }
  check(head, marks[0]);
  for (std::size_t sent = head; sent <= second; ++sent) check(sent, marks[1]);
  StreamMark half_recorded = marks[2];
  half_recorded.chunk_bytes = marks[1].chunk_bytes;
  check(second, half_recorded);
  // The last size line of the worker's own end can still be followed by other trailers.
  for (std::size_t sent = second; sent <= end + 3; ++sent) check(sent, marks[2]);
}

TEST_CASE("where the worker's own end has left, only the reply is read") {
  for (const bool has_failed : {false, true}) {
    const event::Failure own{"Runtime.Own", "m", {}};
    StreamReader reader;
    Begun begun(reader.endpoint());
    REQUIRE(begun.api.write_stream("ab", kNoDeadline).ok());
    const std::string trailers = has_failed ? error_trailers(own) : "";
    begun.send_raw("0\r\n" + trailers + "\r\n");
    reader.resume();
    const auto posted = begun.finish();
    REQUIRE(posted.ok());
    CHECK(posted->accepted());
    CHECK(reader.body()->bytes == "ab");
    CHECK(reader.body()->trailers == trailers);
  }
}

TEST_CASE("a chunk that was not read in time is filled up, too") {
  StreamReader reader;
  Begun begun(reader.endpoint());
  shrink_send_buffer(begun.copy().get());
  const auto written = begun.api.write_stream(text_from(0, kMaxChunkBytes), in(0ms));
  REQUIRE_FALSE(written.ok());
  CHECK(written.error().kind == ErrorKind::kTimeout);
  reader.resume();
  check_ended(reader, begun.finish());
  CHECK(reader.body()->bytes.size() == kMaxChunkBytes);
}

TEST_CASE("a mark that makes no sense sends nothing") {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const std::string sent(10'000, 'x');
  const auto check = [&](const std::function<void(StreamMark&)>& forge) {
    StreamReader reader;
    Begun begun(reader.endpoint());
    begun.send_raw(sent);
    begun.mark.chunk_begins_at = 1;
    forge(begun.mark);
    check_given_up(reader, sent, begun.finish());
  };
  check([](StreamMark& mark) { mark = {}; });
  check([](StreamMark& mark) { mark = {kMost, kMost, kMost}; });
  check([](StreamMark& mark) { mark.written_before += 10'001; });
  check([](StreamMark& mark) { mark.written_before = kMost; });
  check([](StreamMark& mark) { mark.chunk_begins_at = 10'001; });
  check([](StreamMark& mark) { mark.chunk_begins_at = kMost; });
  check([](StreamMark& mark) { mark.chunk_bytes = kMaxChunkBytes + 1; });
  check([](StreamMark& mark) { mark.chunk_bytes = kMost; });
  check([](StreamMark& mark) { mark.chunk_bytes = 5'000; });  // and trailers longer than all
  check([](StreamMark& mark) { mark_end(mark); });
}

TEST_CASE("only a socket of TCP has a mark") {
  const auto pipe = base::open_pipe();
  auto pair = testing::connected_pair(SOCK_STREAM, 1s);
  StreamMark mark{1, 2, 3};
  mark_head(mark, pair.first.get(), 10);
  mark_chunk(mark, 5);
  CHECK(mark.chunk_begins_at == 0);
  mark = {0, 1, 0};
  for (const int fd : {-1, pipe->first.get(), pair.first.get()}) {
    const auto posted = finish_cut_stream(copy_of(fd), mark, failure(), kNoDeadline);
    REQUIRE_FALSE(posted.ok());
    CHECK(posted.error().kind == ErrorKind::kInvalid);
  }
}

TEST_CASE("the next request takes the mark away") {
  ScriptedServer server({[](Connection& connection) { connection.read_some(); },
                         [](Connection& connection) { connection.read_request(); }});
  Begun begun(server.endpoint());
  REQUIRE(begun.api.write_stream("ab", kNoDeadline).ok());
  CHECK(begun.mark.chunk_begins_at != 0);
  CHECK_FALSE(begun.api.next().ok());
  CHECK(begun.mark.chunk_begins_at == 0);
}

TEST_CASE("a refusal amid the stream is its verdict") {
  for (const bool hangs_up : {false, true}) {
    CAPTURE(hangs_up);
    std::promise<void> refused;
    std::promise<void> seen;
    ScriptedServer server({[&](Connection& connection) {
      connection.read_some();
      connection.send(status_response("413 Too Large"));
      if (hangs_up) connection.close();
      refused.set_value();
      seen.get_future().wait();
    }});
    Begun begun(server.endpoint());
    REQUIRE(begun.api.write_stream("ab", kNoDeadline).ok());
    refused.get_future().wait();
    const auto posted = begun.finish();
    seen.set_value();
    REQUIRE(posted.ok());
    CHECK(posted->verdict == Posted::Verdict::kTooLarge);
  }
}

TEST_CASE("an API that does not read, or does not answer to the end, is not waited for") {
  for (const std::string_view reply :
       {"", "HTTP/1.1 20", "HTTP/1.1 202 A\r\nContent-Length: 9\r\n\r\n"}) {
    CAPTURE(reply);
    std::promise<void> seen;
    ScriptedServer server({[&](Connection& connection) {
      connection.read_some();
      connection.send(reply);
      seen.get_future().wait();
    }});
    Begun begun(server.endpoint());
    shrink_send_buffer(begun.copy().get());
    // More than the socket takes.
    CHECK_FALSE(begun.api.write_stream(text_from(0, kMaxChunkBytes), in(0ms)).ok());
    const auto posted = begun.finish(in(20ms));
    seen.set_value();
    REQUIRE_FALSE(posted.ok());
    CHECK(posted.error().kind == ErrorKind::kTimeout);
  }
}

TEST_CASE("nothing is sent behind the deadline") {
  StreamReader reader;
  Begun begun(reader.endpoint());
  REQUIRE(begun.api.write_stream("ab", kNoDeadline).ok());
  const auto posted = begun.finish(in(0ms));
  REQUIRE_FALSE(posted.ok());
  CHECK(posted.error().kind == ErrorKind::kTimeout);
  CHECK(reader.wire().ends_with("\r\n2\r\nab\r\n"));
}

TEST_CASE("an API that hangs up without a reply is gone") {
  ScriptedServer server({[](Connection& connection) { connection.read_some(); }});
  Begun begun(server.endpoint());
  REQUIRE(begun.api.write_stream("ab", kNoDeadline).ok());
  const auto posted = begun.finish();
  REQUIRE_FALSE(posted.ok());
  CHECK(posted.error().kind == ErrorKind::kDisconnected);
}

TEST_SUITE_END();

}  // namespace phork::lambda
