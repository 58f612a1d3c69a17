// SPDX-License-Identifier: MIT
//
// The Invoke API of `phork serve` as HTTP clients see it, with real bootstrap and real PHP. The
// AWS CLI and the AWS SDK call it in tests/sdk.
#include <csignal>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <httplib.h>

#include "runtime/base/base64.h"
#include "tests/support/event_frames.h"
#include "tests/support/json.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/served.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::EventFrame;
using testing::Json;
using testing::ScratchFolder;

constexpr const char* kWhole = "/2015-03-31/functions/function/invocations";
constexpr const char* kStreamed = "/2021-11-15/functions/function/response-streaming-invocations";
constexpr const char* kPieces = R"({"do":"pieces"})";

// `phork serve` of the function that the tests call.
class Called : public testing::Served {
 public:
  explicit Called(const std::vector<std::string>& more = {},
                  const std::map<std::string, std::string>& environment = {})
      : Served(testing::source_path("tests/fixtures/invoke"), flags(more), environment) {}

  httplib::Response post(const std::string& path, const std::string& body,
                         const httplib::Headers& headers = {}) const {
    const auto response = client()->Post(path, headers, body, "application/json");
    REQUIRE_MESSAGE(response, log());
    return *response;
  }

  std::unique_ptr<httplib::Client> client() const {
    auto client = std::make_unique<httplib::Client>("127.0.0.1", port());
    client->set_tcp_nodelay(true);
    client->set_read_timeout(30);
    return client;
  }

 private:
  static std::vector<std::string> flags(const std::vector<std::string>& more) {
    std::vector<std::string> all{"--handler", "invoke.php"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

Called streaming() {
  return Called({}, {{"PHORK_RESPONSE", "stream"}});
}

// The frames of a whole body.
std::vector<EventFrame> frames_of(std::string body) {
  std::vector<EventFrame> frames = testing::take_frames(body);
  CHECK(body.empty());
  return frames;
}

std::string text_of(const std::string& base64) {
  base::Result<std::string> decoded = base::decode_base64(base64, "log");
  REQUIRE(decoded.ok());
  return std::move(decoded).value();
}

std::string failing_at_first(const ScratchFolder& scratch, int works_at) {
  return R"({"do":"fail at first","file":")" + scratch.file("attempts") + R"(","works_at":)" +
         std::to_string(works_at) + "}";
}

}  // namespace

TEST_SUITE("Invoke API") {
  TEST_CASE(
      "an event is answered with the function's own JSON, and its headers reach the function") {
    const Called served;
    const std::string id = "7b9d9b44-6f6d-4d5c-9c0f-0a1b2c3d4e5f";
    const auto response = served.post(std::string(kWhole) + "?Qualifier=$LATEST", R"({"a":"é"})",
                                      {{"X-Amzn-RequestId", id},
                                       {"X-Amzn-Trace-Id", "Root=1-2-3;Parent=4;Sampled=1"},
                                       {"X-Amz-Tenant-Id", "blue"},
                                       {"X-Amz-Client-Context", "eyJjdXN0b20iOnsieCI6MX19"},
                                       {"Authorization", "AWS4-HMAC-SHA256 Credential=nobody"}});
    CHECK(response.status == 200);
    CHECK(response.get_header_value("Content-Type") == "application/json");
    CHECK(response.get_header_value("X-Amz-Executed-Version") == "$LATEST");
    CHECK(response.get_header_value("X-Amzn-RequestId") == id);
    CHECK_FALSE(response.has_header("X-Amz-Function-Error"));
    CHECK_FALSE(response.has_header("X-Amz-Log-Result"));
    const Json seen(response.body);
    CHECK(seen.text("event.a") == "é");
    CHECK(seen.text("request_id") == id);
    CHECK(seen.text("arn") == "arn:aws:lambda:us-east-1:123456789012:function:function:$LATEST");
    CHECK(seen.text("trace_id") == "Root=1-2-3;Parent=4;Sampled=1");
    CHECK(seen.text("tenant_id") == "blue");
    CHECK(seen.integer("client.custom.x") == 1);
  }

  TEST_CASE("a function that fails is status 200 with a header that says so") {
    const Called served;
    const auto thrown = served.post(kWhole, R"({"do":"throw"})");
    CHECK(thrown.status == 200);
    CHECK(thrown.get_header_value("X-Amz-Function-Error") == "Unhandled");
    CHECK(Json(thrown.body).text("errorType") == "DomainException");
    CHECK(Json(thrown.body).text("errorMessage") == "no café");
    const auto ended = served.post(kWhole, R"({"do":"exit"})");
    CHECK(ended.get_header_value("X-Amz-Function-Error") == "Unhandled");
    CHECK(Json(ended.body).text("errorType") == "Runtime.HandlerExited");
    const auto large = served.post(kWhole, R"({"do":"large","bytes":7000000})");
    CHECK(large.status == 200);
    CHECK(Json(large.body).text("errorType") == "Function.ResponseSizeTooLarge");
    CHECK(served.post(kWhole, R"({"do":"large","bytes":6291556})").body.size() == 6'291'556);
  }

  TEST_CASE("an event that takes too long is a function error, too") {
    const Called served({"--timeout", "1"});
    const auto late = served.post(kWhole, R"({"do":"sleep","ms":5000})");
    CHECK(late.status == 200);
    CHECK(late.get_header_value("X-Amz-Function-Error") == "Unhandled");
    CHECK(served.post(kWhole, R"({"do":"sleep","ms":0})").status == 200);
  }

  TEST_CASE("the end of the log comes along with its REPORT line, at most 4 KB of it") {
    const Called served;
    served.post(kWhole, R"({"do":"log","lines":3})");
    const auto response =
        served.post(kWhole, R"({"do":"log","lines":2})", {{"X-Amz-Log-Type", "Tail"}});
    const std::string id = response.get_header_value("X-Amzn-RequestId");
    const std::string log = text_of(response.get_header_value("X-Amz-Log-Result"));
    CAPTURE(log);
    CHECK(log.starts_with("START RequestId: " + id));
    CHECK(contains(log, "line 2 x"));
    CHECK_FALSE(contains(log, "line 3 x"));
    CHECK(contains(log, "END RequestId: " + id));
    CHECK(contains(log, "REPORT RequestId: " + id));
    const auto longer =
        served.post(kWhole, R"({"do":"log","lines":300})", {{"X-Amz-Log-Type", "Tail"}});
    const std::string tail = text_of(longer.get_header_value("X-Amz-Log-Result"));
    CHECK(tail.size() == 4096);
    CHECK(contains(tail, "line 300 x"));
    CHECK(contains(tail, "REPORT RequestId: "));
  }

  TEST_CASE("an asynchronous event that fails is tried again with the same request id") {
    const ScratchFolder scratch;
    const Called served({"--retry-delay", "0"});
    const auto response =
        served.post(kWhole, failing_at_first(scratch, 3), {{"X-Amz-Invocation-Type", "Event"}});
    CHECK(response.status == 202);
    CHECK(response.body.empty());
    const std::string id = response.get_header_value("X-Amzn-RequestId");
    const std::string thrice = id + "\n" + id + "\n" + id + "\n";
    CHECK(testing::eventually([&] { return scratch.read("attempts") == thrice; }));
    CHECK(testing::eventually(
        [&] { return testing::count(served.log(), "REPORT RequestId: " + id) == 3; }));
    CHECK_FALSE(contains(served.log(), "given up"));
  }

  TEST_CASE("an asynchronous event that fails three times is given up with a line in the log") {
    const ScratchFolder scratch;
    const Called served({"--retry-delay", "0"});
    const auto response =
        served.post(kWhole, failing_at_first(scratch, 9), {{"X-Amz-Invocation-Type", "Event"}});
    const std::string line = "RequestId: " + response.get_header_value("X-Amzn-RequestId") +
                             " Error: asynchronous event given up: attempt 3 of 3 failed: "
                             "Function.RuntimeException";
    CHECK(testing::eventually([&] { return contains(served.log(), line); }));
    CHECK(testing::count(scratch.read("attempts"), "\n") == 3);
  }

  TEST_CASE("events that wait for another attempt do not keep serve from ending, and are named") {
    const ScratchFolder scratch;
    Called served({"--retry-delay", "3600"});
    const auto response =
        served.post(kWhole, failing_at_first(scratch, 2), {{"X-Amz-Invocation-Type", "Event"}});
    const std::string id = "RequestId: " + response.get_header_value("X-Amzn-RequestId");
    CHECK(testing::eventually([&] {
      return contains(served.log(), id +
                                        " Error: attempt 1 of 3 failed: Function.RuntimeException, "
                                        "next attempt in 3600 s");
    }));
    served.program().signal(SIGTERM);
    CHECK(served.program().wait_exit().code == 0);
    CHECK(contains(served.log(), id + " Error: asynchronous event given up: phork is stopping"));
  }

  TEST_CASE("a dry run checks the call and calls nothing") {
    const Called served;
    const auto response = served.post(kWhole, "{}", {{"X-Amz-Invocation-Type", "DryRun"}});
    CHECK(response.status == 204);
    served.post(kWhole, "{}");
    CHECK(testing::eventually([&] { return contains(served.log(), "REPORT RequestId: "); }));
    CHECK(testing::count(served.log(), "START RequestId: ") == 1);
  }

  TEST_CASE("a wrong call gets an error of the API, and makes no event") {
    const Called served;
    const auto type_of = [](const httplib::Response& response) {
      return std::to_string(response.status) + " " + response.get_header_value("X-Amzn-ErrorType");
    };
    CHECK(type_of(served.post("/2015-03-31/functions/other/invocations", "{}")) ==
          "404 ResourceNotFoundException");
    CHECK(type_of(served.post(kWhole, "{")) == "400 InvalidRequestContentException");
    const std::string large = '"' + std::string(1'100'000, 'x') + '"';
    CHECK(type_of(served.post(kWhole, large, {{"X-Amz-Invocation-Type", "Event"}})) ==
          "413 RequestTooLargeException");
    CHECK(type_of(served.post(kWhole, '"' + std::string(6'291'456, 'x') + '"')) ==
          "413 RequestTooLargeException");
    CHECK(type_of(served.post("/2015-03-31/layers", "{}")) == "404 UnknownOperationException");
    CHECK_FALSE(contains(served.log(), "START RequestId: "));
  }

  TEST_CASE("streamed parts arrive while the function is still at work") {
    const ScratchFolder scratch;
    const Called served = streaming();
    std::string received;
    std::vector<EventFrame> frames;
    httplib::Request request;
    request.method = "POST";
    request.path = kStreamed;
    request.headers = {{"Content-Type", "application/json"}, {"X-Amz-Log-Type", "Tail"}};
    request.body = R"({"do":"pieces","gate":")" + scratch.file("gate") + "\"}";
    request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t /*offset*/,
                                   std::uint64_t /*total*/) {
      received.append(data, size);
      for (EventFrame& frame : testing::take_frames(received)) frames.push_back(std::move(frame));
      // Without the gate the function goes no further, so only its first part can have come.
      if (frames.size() == 1 && !scratch.has("gate")) scratch.write("gate", "");
      return true;
    };
    const auto response = served.client()->send(request);
    REQUIRE_MESSAGE(response, served.log());
    CHECK(response->get_header_value("Content-Type") == "application/vnd.amazon.eventstream");
    CHECK(response->get_header_value("X-Amzn-Remapped-Content-Type") == "application/octet-stream");
    CHECK(scratch.has("gate"));
    REQUIRE(frames.size() == 3);
    CHECK(frames[0].type() == "PayloadChunk");
    CHECK(frames[0].payload == "first ");
    CHECK(frames[1].payload == std::string("second \0\xff", 9));
    CHECK(frames[2].type() == "InvokeComplete");
    const Json end(frames[2].payload);
    CHECK_FALSE(end.has("ErrorCode"));
    CHECK(contains(text_of(end.text("LogResult")), "REPORT RequestId: "));
  }

  TEST_CASE(
      "a failure in the middle of a stream is in its last frame, after the parts that were sent") {
    const Called served = streaming();
    const auto frames = frames_of(served.post(kStreamed, R"({"do":"pieces","fails":1})").body);
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].payload == "first ");
    const Json end(frames[1].payload);
    CHECK(end.text("ErrorCode") == "Unhandled");
    CHECK(Json(end.text("ErrorDetails")).text("errorMessage") == "in the middle");
  }

  TEST_CASE("a function that does not stream can be called for a stream: its answer is one part") {
    const Called served;
    const auto frames = frames_of(served.post(kStreamed, R"({"do":"large","bytes":3000000})").body);
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].payload.size() == 3'000'000);
    CHECK(frames[1].payload == "{}");
    const auto failed = frames_of(served.post(kStreamed, R"({"do":"throw"})").body);
    REQUIRE(failed.size() == 1);
    CHECK(Json(failed[0].payload).text("ErrorCode") == "Unhandled");
  }

  TEST_CASE("a function that streams can be called for one answer, up to the limit of Invoke") {
    const Called served = streaming();
    CHECK(served.post(kWhole, kPieces).body == std::string("first second \0\xff", 15));
    const auto flood = served.post(kWhole, R"({"do":"flood"})");
    CHECK(flood.get_header_value("X-Amz-Function-Error") == "Unhandled");
    CHECK(Json(flood.body).text("errorType") == "Function.ResponseSizeTooLarge");
  }

  TEST_CASE("callers in parallel each get their own answer") {
    const Called served({"--concurrency", "3"});
    std::vector<std::future<bool>> callers;
    for (int caller = 0; caller < 6; ++caller) {
      callers.push_back(std::async(std::launch::async, [&served, caller] {
        const auto client = served.client();
        client->set_keep_alive(true);
        for (int i = 0; i < 20; ++i) {
          const std::string body = std::to_string(caller * 1000 + i);
          const auto response = client->Post(kWhole, body, "application/json");
          if (!response || response->status != 200) return false;
          const Json seen(response->body);
          if (seen.raw("event") != body) return false;
          if (seen.text("request_id") != response->get_header_value("X-Amzn-RequestId")) {
            return false;
          }
        }
        return true;
      }));
    }
    for (std::future<bool>& caller : callers) CHECK(caller.get());
  }

  TEST_CASE("the function still gets the other paths of the same port") {
    const Called served;
    const auto response = served.client()->Get("/2015-03-31");
    REQUIRE(response);
    CHECK(Json(response->body).text("event.rawPath") == "/2015-03-31");
  }
}
