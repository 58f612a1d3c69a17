// SPDX-License-Identifier: MIT
//
// PHORK_TRACE: the spans of real events reach X-Ray's daemon or a collector, and a receiver that is
// away or silent costs no event.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>

#include <doctest/doctest.h>
#include <httplib.h>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/pinned.h"
#include "tests/support/answers.h"
#include "tests/support/concurrent_api.h"
#include "tests/support/eventually.h"
#include "tests/support/http_event.h"
#include "tests/support/json.h"
#include "tests/support/runtime_harness.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/sockets/loopback.h"
#include "tests/support/text.h"

namespace {

using namespace phork;
using testing::contains;
using testing::count;
using testing::eventually;
using testing::Runtime;
using testing::RuntimeOptions;

constexpr const char* kTrace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;";
constexpr const char* kTraceId = R"("traceId":"5759e988bd862e3fe1be46a994272793")";
constexpr const char* kParentId = R"("parentSpanId":"53995c3f42cd8ad8")";

// Keeps the bodies of all requests for spans, each checked to be JSON.
class Collector : private base::Pinned {
 public:
  Collector() {
    server_.Post("/v1/traces", [this](const httplib::Request& request, httplib::Response& reply) {
      const testing::Json is_json(request.body);
      const std::lock_guard lock(mutex_);
      bodies_ += request.body;
      reply.set_content("{}", "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }

  ~Collector() {
    server_.stop();
    thread_.join();
  }

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }

  std::string spans() {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }

  bool has(const std::string& name, std::size_t times) {
    return eventually([&] { return count(spans(), "\"phork " + name + '"') >= times; });
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::mutex mutex_;
  std::string bodies_;
  std::thread thread_;
};

// A time of the span; 0 when it is not there.
std::int64_t nanoseconds(const std::string& spans, const std::string& name,
                         const std::string& key) {
  const std::size_t span = std::min(spans.find("\"phork " + name + '"'), spans.size());
  const std::string field = '"' + key + "\":\"";
  const std::size_t found = spans.find(field, span);
  return found == std::string::npos ? 0 : std::stoll(spans.substr(found + field.size(), 19));
}

// To the microsecond, as spans have it.
std::int64_t nanoseconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count() * 1000;
}

// The collector answers when this machine has time for it.
constexpr std::pair<const char*, const char*> kPatience{"OTEL_EXPORTER_OTLP_TIMEOUT", "60000"};

RuntimeOptions traced(const std::string& strategy, const std::string& endpoint) {
  RuntimeOptions options;
  options.handler = "echo.php";
  options.strategy = strategy;
  options.environment = {
      {"PHORK_TRACE", "otlp"}, {"OTEL_EXPORTER_OTLP_ENDPOINT", endpoint}, kPatience};
  return options;
}

void serve(Runtime& runtime, const std::string& trace, const std::string& payload = "{}") {
  emulator::Event event;
  event.payload = payload;
  event.trace_id = trace;
  const auto result = runtime.invoke(std::move(event));
  REQUIRE_MESSAGE(result.answered(), result.body << runtime.output());
}

}  // namespace

TEST_SUITE("tracing") {
  TEST_CASE("spans of boot, event and refill reach a collector, under every strategy") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Collector collector;
      {
        Runtime runtime(traced(strategy, collector.endpoint()));
        for (int event = 0; event < 3; ++event) serve(runtime, kTrace + std::string("Sampled=1"));
        CHECK(collector.has("event", 3));
        // Under exec each event boots, inside itself.
        const bool asks = strategy != "exec";
        CHECK(collector.has("boot", asks ? 1 : 0));
        CHECK(collector.has("refill", asks ? 2 : 0));
      }
      const std::string spans = collector.spans();
      CHECK(count(spans, kTraceId) == count(spans, "spanId\":"));
      CHECK(count(spans, kParentId) == count(spans, kTraceId));
      CHECK(count(spans, "\"phork event\"") == 3);
      CHECK(contains(spans, R"({"key":"phork.strategy","value":{"stringValue":")" + strategy));
    }
  }

  TEST_CASE("boot ends before a snapshot, and the restore is a span of its own after it") {
    for (const std::string& strategy : testing::all_strategies()) {
      CAPTURE(strategy);
      Collector collector;
      testing::ConcurrentApi api;
      const testing::Program bootstrap(
          testing::program("bootstrap"), {"--strategy=" + strategy},
          {{"AWS_LAMBDA_RUNTIME_API", api.address()},
           {"AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start"},
           {"_HANDLER", "echo.php"},
           {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/handlers")},
           {"PHORK_TRACE", "otlp"},
           {"OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint()},
           kPatience});
      const bool waits = eventually([&] { return !api.calls().empty(); });
      REQUIRE_MESSAGE(waits, bootstrap.output());
      const std::int64_t in_snapshot = nanoseconds_now();
      api.restore();
      api.give("event-1", "{}");
      REQUIRE_MESSAGE(api.wait_outcomes(1), bootstrap.output());
      CHECK(collector.has("event", 1));
      const std::string spans = collector.spans();
      // Under exec each event boots, inside itself.
      const std::size_t told = strategy == "exec" ? 0 : 1;
      CHECK(count(spans, "\"phork boot\"") == told);
      CHECK(count(spans, "\"phork restore\"") == told);
      if (told == 0) continue;
      CHECK(nanoseconds(spans, "boot", "endTimeUnixNano") <= in_snapshot);
      CHECK(nanoseconds(spans, "restore", "startTimeUnixNano") >= in_snapshot);
    }
  }

  TEST_CASE("an event that is not sampled, and one without a trace, have no spans") {
    Collector collector;
    Runtime runtime(traced("fork", collector.endpoint()));
    const std::string other = "1111e988bd862e3fe1be46a994272793";
    serve(runtime, "Root=1-1111e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0");
    serve(runtime, "Root=nonsense;Sampled=1");
    serve(runtime, kTrace + std::string("Sampled=1"));
    // Spans leave in the order of their events.
    CHECK(eventually([&] { return contains(collector.spans(), kTraceId); }));
    CHECK_FALSE(contains(collector.spans(), other));
    CHECK(count(collector.spans(), "\"phork event\"") == 1);
  }

  TEST_CASE("an HTTP event belongs to the trace of its own header") {
    Collector collector;
    RuntimeOptions options = traced("fork", collector.endpoint());
    const testing::ScratchFolder folder;
    folder.write("index.php", "<?php http_response_code(500); echo 'hello';");
    options.task_root = folder.path();
    options.handler = "index.php";
    Runtime runtime(options);
    testing::HttpCall call;
    call.headers.push_back(
        {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"});
    serve(runtime, kTrace + std::string("Sampled=0"), testing::http_event(call));
    CHECK(collector.has("event", 1));
    const std::string spans = collector.spans();
    CHECK(contains(spans, R"("traceId":"4bf92f3577b34da6a3ce929d0e0e4736")"));
    CHECK(contains(spans, R"("parentSpanId":"00f067aa0ba902b7")"));
    CHECK(contains(spans, R"("status":{"code":2})"));
  }

  TEST_CASE("subsegments reach X-Ray's daemon") {
    const base::Fd daemon(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(daemon.get(), generic, sizeof address) == 0);
    socklen_t size = sizeof address;
    REQUIRE(::getsockname(daemon.get(), generic, &size) == 0);
    RuntimeOptions options;
    options.handler = "echo.php";
    options.environment = {
        {"PHORK_TRACE", "xray"},
        {"AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:" + std::to_string(ntohs(address.sin_port))}};
    Runtime runtime(options);
    serve(runtime, kTrace + std::string("Sampled=1"));
    for (const char* name : {"phork boot", "phork event"}) {
      CAPTURE(name);
      REQUIRE(base::wait_readable(daemon.get(),
                                  std::chrono::steady_clock::now() + std::chrono::seconds(10)));
      std::string datagram(65536, '\0');
      const ssize_t got = ::recv(daemon.get(), datagram.data(), datagram.size(), 0);
      datagram.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      const std::string head = "{\"format\":\"json\",\"version\":1}\n";
      REQUIRE(datagram.starts_with(head));
      const testing::Json segment(datagram.substr(head.size()));
      CHECK(segment.text("name") == name);
      CHECK(segment.text("trace_id") == "1-5759e988-bd862e3fe1be46a994272793");
      CHECK(segment.text("parent_id") == "53995c3f42cd8ad8");
      CHECK(segment.text("type") == "subsegment");
    }
  }

  TEST_CASE("a collector that is away or never answers costs no event, and not the end") {
    const testing::Loopback silent = testing::listen_on_loopback();
    const std::string port = std::to_string(silent.port);
    for (const std::string& endpoint :
         {"http://127.0.0.1:" + port, std::string("http://127.0.0.1:9")}) {
      CAPTURE(endpoint);
      RuntimeOptions options = traced("fork", endpoint);
      options.environment.erase(kPatience.first);
      Runtime runtime(options);
      for (int event = 0; event < 20; ++event) serve(runtime, kTrace + std::string("Sampled=1"));
      CHECK(eventually([&] { return contains(runtime.output(), "these spans are lost"); }));
      runtime.process().signal(SIGTERM);
      CHECK(runtime.process().wait_exit().clean());
      CHECK(count(runtime.output(), "these spans are lost") == 1);
    }
  }
}
