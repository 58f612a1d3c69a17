// SPDX-License-Identifier: MIT
#include "emulator/assets/file_reply.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace phork::emulator;

namespace {

// 31 January 2026, 12:00:00
constexpr std::time_t kTime = 1769860800;
constexpr const char* kDate = "Sat, 31 Jan 2026 12:00:00 GMT";
const FileFacts kFile{1000, {kTime, 5}, "text/css"};

FileReply ask(std::vector<phork::event::NameValue> headers, const std::string& method = "GET") {
  HttpRequest request;
  request.method = method;
  request.headers = std::move(headers);
  return reply_to(request, kFile);
}

std::string tag() {
  return std::string(ask({}).head.header("etag"));
}

}  // namespace

TEST_SUITE("file reply") {
  TEST_CASE("a request without conditions gets all of the file") {
    for (const char* method : {"GET", "HEAD"}) {
      const FileReply reply = ask({}, method);
      CHECK(reply.head.status == 200);
      CHECK(reply.length == 1000);
      CHECK(reply.head.header("content-length") == "1000");
      CHECK(reply.head.header("content-type") == "text/css");
      CHECK(reply.head.header("last-modified") == kDate);
      CHECK(reply.head.header("cache-control") == "no-cache");
      CHECK(reply.head.header("accept-ranges") == "bytes");
    }
  }

  TEST_CASE("the tag changes with the time, in nanoseconds, and with the size") {
    HttpRequest request;
    request.method = "GET";
    for (const FileFacts& other : {FileFacts{1000, {kTime, 6}, ""}, FileFacts{1001, {kTime, 5}, ""},
                                   FileFacts{1000, {kTime + 1, 5}, ""}}) {
      CHECK(reply_to(request, other).head.header("etag") != tag());
    }
  }

  TEST_CASE("a client that has the file is told so, without a body") {
    const std::vector<phork::event::NameValue> conditions{
        {"if-none-match", tag()},
        {"if-none-match", "\"a\", W/" + tag() + " , \"b\""},
        {"if-none-match", "*"},
        {"if-modified-since", kDate},
        {"if-modified-since", "Sat, 31 Jan 2026 12:00:01 GMT"}};
    for (const auto& condition : conditions) {
      CAPTURE(condition.value);
      const FileReply reply = ask({condition});
      CHECK(reply.head.status == 304);
      CHECK(reply.length == 0);
      CHECK(reply.head.header("etag") == tag());
      CHECK(reply.head.header("content-length").empty());
    }
  }

  TEST_CASE("a client that has another version gets the file") {
    const std::vector<phork::event::NameValue> conditions{
        {"if-none-match", "\"a\""},
        {"if-none-match", ",,"},
        {"if-modified-since", "Sat, 31 Jan 2026 11:59:59 GMT"},
        {"if-modified-since", "yesterday"},
        {"if-modified-since", std::string(kDate) + "x"}};
    for (const auto& condition : conditions) {
      CAPTURE(condition.value);
      CHECK(ask({condition}).head.status == 200);
    }
    // The tag says more than the time.
    CHECK(ask({{"if-none-match", "\"a\""}, {"if-modified-since", kDate}}).head.status == 200);
  }

  TEST_CASE("a range of the file") {
    struct Case {
      const char* range;
      std::uint64_t offset;
      std::uint64_t length;
      const char* content_range;
    };

    for (const Case& part : {Case{"bytes=0-99", 0, 100, "bytes 0-99/1000"},
                             Case{"bytes=999-", 999, 1, "bytes 999-999/1000"},
                             Case{"bytes=500-5000", 500, 500, "bytes 500-999/1000"},
                             Case{"bytes=-1", 999, 1, "bytes 999-999/1000"},
                             Case{"bytes=-5000", 0, 1000, "bytes 0-999/1000"}}) {
      CAPTURE(part.range);
      const FileReply reply = ask({{"range", part.range}});
      CHECK(reply.head.status == 206);
      CHECK(reply.offset == part.offset);
      CHECK(reply.length == part.length);
      CHECK(reply.head.header("content-range") == part.content_range);
      CHECK(reply.head.header("content-length") == std::to_string(part.length));
    }
  }

  TEST_CASE("a range that the file does not have") {
    for (const char* range :
         {"bytes=1000-", "bytes=5000-6000", "bytes=-0", "bytes=18446744073709551615-"}) {
      CAPTURE(range);
      const FileReply reply = ask({{"range", range}});
      CHECK(reply.head.status == 416);
      CHECK(reply.head.header("content-range") == "bytes */1000");
      CHECK(reply.length == 0);
    }
  }

  TEST_CASE("ranges that are malformed, or several, give all of the file") {
    for (const char* range :
         {"bytes=", "bytes=-", "bytes=a-b", "bytes=9-1", "bytes=0-1,5-6", "lines=0-1", "bytes=1",
          "bytes=99999999999999999999-", "bytes=0-99999999999999999999"}) {
      CAPTURE(range);
      const FileReply reply = ask({{"range", range}});
      CHECK(reply.head.status == 200);
      CHECK(reply.length == 1000);
    }
    CHECK(ask({{"range", "bytes=0-1"}}, "HEAD").head.status == 200);
  }

  TEST_CASE("a range of an older version gives all of the file") {
    const auto with = [](const std::string& condition) {
      return ask({{"range", "bytes=0-1"}, {"if-range", condition}}).head.status;
    };
    CHECK(with(tag()) == 206);
    CHECK(with(kDate) == 206);
    CHECK(with("\"a\"") == 200);
    CHECK(with("W/" + tag()) == 200);
    CHECK(with("Sat, 31 Jan 2026 12:00:01 GMT") == 200);
  }
}
