// SPDX-License-Identifier: MIT
#include "emulator/observe/status_page.h"

#include <doctest/doctest.h>
#include <httplib.h>
#include <simdjson.h>

#include "emulator/http/server.h"

using namespace phork::emulator;
using namespace std::chrono_literals;

namespace {

constexpr StateTimes kTimes{std::chrono::system_clock::time_point(1000ms),
                            std::chrono::system_clock::time_point(2500ms)};

FunctionConfig some_config() {
  FunctionConfig config;
  config.task_root = "/app";
  config.handler = "index.php";
  return config;
}

// A gateway with only the status page as its route.
class PageServer final : private HttpHandler {
 public:
  explicit PageServer(const Activity& activity) : page_(config_, activity), server_(*this) {
    REQUIRE(server_.start(0).ok());
  }

  httplib::Client client() const { return httplib::Client("127.0.0.1", server_.port()); }

  bool takes(const std::string& target) const {
    HttpRequest request;
    request.target = target;
    return page_.takes(request);
  }

 private:
  std::size_t body_limit(const HttpRequest& /*head*/) const override { return page_.body_limit(); }

  void handle(HttpRequest request, HttpConnection& connection) override {
    page_.handle(std::move(request), connection);
  }

  const FunctionConfig config_ = some_config();
  StatusPage page_;
  HttpServer server_;
};

EventRecord record_of(const std::string& id) {
  return {.request_id = id,
          .ending = Ending::kFailed,
          .error_type = "Runtime.PhpFatal",
          .queued = 7us,
          .latency = 1200us,
          .billed = 1500us};
}

}  // namespace

TEST_CASE("the page takes its own paths and leaves all others to the function") {
  const Activity activity("fork");
  const PageServer server(activity);
  CHECK(server.takes("/_phork"));
  CHECK(server.takes("/_phork?x=1"));
  CHECK(server.takes("/_phork/"));
  CHECK(server.takes("/_phork/state?log=3"));
  CHECK_FALSE(server.takes("/"));
  CHECK_FALSE(server.takes("/_phorks"));
  CHECK_FALSE(server.takes("/x/_phork"));
}

TEST_CASE("the page is one response that loads nothing and may not be cached") {
  const Activity activity("fork");
  const PageServer server(activity);
  const auto page = server.client().Get("/_phork");
  REQUIRE(page);
  CHECK(page->status == 200);
  CHECK(page->get_header_value("content-type") == "text/html; charset=utf-8");
  CHECK(page->get_header_value("cache-control") == "no-store");
  const std::string policy = page->get_header_value("content-security-policy");
  CHECK(policy.starts_with("default-src 'none'; style-src 'sha256-"));
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(page->body.find("<!doctype html>") == 0);
  for (const char* outside : {"src=\"", "<link rel=\"stylesheet\"", "@import", "innerHTML"}) {
    CAPTURE(outside);
    CHECK(page->body.find(outside) == std::string::npos);
  }
  const auto head = server.client().Head("/_phork/");
  REQUIRE(head);
  CHECK(head->status == 200);
  CHECK(head->get_header_value("content-length") == std::to_string(page->body.size()));
}

TEST_CASE("other paths, other methods and malformed parameters are refused") {
  const Activity activity("fork");
  const PageServer server(activity);
  httplib::Client client = server.client();
  CHECK(client.Get("/_phork/other")->status == 404);
  CHECK(client.Get("/_phork/state?log=x")->status == 400);
  CHECK(client.Get("/_phork/state?log=-1")->status == 400);
  CHECK(client.Get("/_phork/state?invocations=99999999999999999999")->status == 400);
  CHECK(client.Get("/_phork/state?invocations=1&log=")->status == 400);
  const auto posted = client.Post("/_phork/state", "{}", "application/json");
  REQUIRE(posted);
  CHECK(posted->status == 405);
  CHECK(posted->get_header_value("allow") == "GET, HEAD");
}

TEST_CASE("the state holds everything from the requested sequence numbers on") {
  Activity activity("fork");
  for (int i = 0; i < 5; ++i) activity.log(0, "r", "line " + std::to_string(i));
  const PageServer server(activity);
  const auto state = server.client().Get("/_phork/state?invocations=1&log=4");
  REQUIRE(state);
  CHECK(state->get_header_value("content-type") == "application/json");
  CHECK(state->get_header_value("cache-control") == "no-store");
  CHECK(state->body.find("line 2") == std::string::npos);
  CHECK(state->body.find("line 3") != std::string::npos);
  CHECK(state->body.find("line 4") != std::string::npos);
  CHECK(server.client().Get("/_phork/state")->body.find("line 0") != std::string::npos);
}

TEST_CASE("the state describes the function and the events under way") {
  Activity activity("fork");
  activity.on_queue_asked([] { return std::size_t{3}; });
  activity.set_environment({.id = 0,
                            .state = EnvironmentState::kBusy,
                            .since = kTimes.now,
                            .pid = 42,
                            .starts = 2,
                            .events = 9,
                            .init = 61'000us,
                            .memory_kb = 30'000,
                            .request_id = "one"});
  activity.handed_out(0, "one");
  const std::string json = write_state(some_config(), activity.snapshot(0, 0), kTimes);
  CHECK(json.find(R"({"started_ms":1000,"now_ms":2500,"function":{"name":"function",)"
                  R"("handler":"index.php","task_root":"/app","memory_mb":1769,)"
                  R"("timeout_ms":30000,"concurrency":1,)") == 0);
  CHECK(json.find(R"("refill":"","queued":3,"events":0,"errors":0,)") != std::string::npos);
  CHECK(json.find(R"("environments":[{"id":0,"state":"busy","since_ms":2500,"pid":42,"starts":2,)"
                  R"("events":9,"init_us":61000,"memory_kb":30000,"request_id":"one"}])") !=
        std::string::npos);
  CHECK(json.find(R"("status":"running","error_type":""}],"log":[]})") != std::string::npos);
}

TEST_CASE("an invocation has the figures of its REPORT line") {
  Activity activity("fork");
  activity.handed_out(0, "one");
  activity.finished(0, record_of("one"), 61'000us, 30'000);
  const std::string json = write_state(some_config(), activity.snapshot(0, 0), kTimes);
  CHECK(json.find(R"("status":"error","error_type":"Runtime.PhpFatal","queued_us":7,)"
                  R"("latency_us":1200,"duration_us":1500,"init_us":61000,"billed_ms":63,)"
                  R"("memory_kb":30000})") != std::string::npos);
  // 1200 us belong to the bucket from 1117 to 1218 us.
  CHECK(json.find(R"("latency":[{"strategy":"fork","count":1,"p50_us":1168,"p90_us":1168,)"
                  R"("p99_us":1168,"buckets":[[50,1]]}])") != std::string::npos);
}

TEST_CASE("a log line is cut at a limit, and its text cannot leave its JSON string") {
  Activity activity("fork");
  activity.log(0, "r", "</script><b>\"\n\x01\xff");
  activity.log(0, "r", std::string(kMostLineBytes - 1, 'x') + "\xe2\x82\xac and more");
  activity.log(0, "r", std::string(kMostLineBytes, 'y'));
  const std::string json = write_state(some_config(), activity.snapshot(0, 0), kTimes);
  simdjson::dom::parser parser;
  simdjson::dom::array lines;
  REQUIRE(parser.parse(json)["log"].get(lines) == simdjson::SUCCESS);
  REQUIRE(lines.size() == 3);
  CHECK(std::string_view(lines.at(0)["text"]) == "</script><b>\"\n\x01\xef\xbf\xbd");
  CHECK(std::string_view(lines.at(1)["text"]) == std::string(kMostLineBytes - 1, 'x'));
  CHECK(std::uint64_t(lines.at(1)["cut_bytes"]) == 12);
  CHECK(std::string_view(lines.at(2)["text"]).size() == kMostLineBytes);
  CHECK(lines.at(2)["cut_bytes"].error() == simdjson::NO_SUCH_FIELD);
}

TEST_CASE("percentiles from buckets are those of the values within 10 %") {
  LatencyHistogram histogram;
  CHECK(histogram.percentile_us(50) == 0);
  for (int i = 1; i <= 1000; ++i) histogram.add(i * 100us);
  for (const double percent : {1.0, 10.0, 50.0, 90.0, 99.0, 100.0}) {
    const double exact = percent * 1000;
    CAPTURE(percent);
    CHECK(static_cast<double>(histogram.percentile_us(percent)) > exact * 0.9);
    CHECK(static_cast<double>(histogram.percentile_us(percent)) < exact * 1.1);
  }
}
