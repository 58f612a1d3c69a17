// SPDX-License-Identifier: MIT
#include "emulator/extensions/telemetry.h"

#include <mutex>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <httplib.h>

#include "tests/support/eventually.h"

using namespace phork::emulator;
using namespace std::chrono_literals;
using phork::testing::eventually;

namespace {

// A subscriber that keeps the batches it gets.
class Agent : private phork::base::Pinned {
 public:
  Agent() {
    server_.Post("/in", [this](const httplib::Request& request, httplib::Response& /*reply*/) {
      const std::lock_guard lock(mutex_);
      batches_.push_back(request.body);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    eventually([this] { return server_.is_running(); });  // else its end waits for ever
  }

  ~Agent() {
    server_.stop();
    thread_.join();
  }

  Subscription subscription(std::chrono::milliseconds timeout) const {
    Subscription made;
    made.wanted = {true, true, false};
    made.max_items = 3;
    made.timeout = timeout;
    made.port = static_cast<std::uint16_t>(port_);
    made.path = "/in";
    return made;
  }

  std::vector<std::string> batches() {
    const std::lock_guard lock(mutex_);
    return batches_;
  }

  bool gets(std::size_t count) {
    return eventually([&] { return batches().size() >= count; });
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> batches_;
  std::thread thread_;
};

}  // namespace

TEST_SUITE("telemetry") {
  TEST_CASE("one who subscribes during the init gets its records, of the types it wants") {
    const FunctionConfig config;
    Telemetry telemetry(config);
    Agent agent;
    telemetry.begin(true);
    telemetry.publish(RecordType::kPlatform, "1");
    telemetry.publish(RecordType::kExtension, "2");
    REQUIRE(telemetry.subscribe("agent", agent.subscription(10min)));
    telemetry.publish(RecordType::kFunction, "3");
    telemetry.flush(Clock::now() + 1min);
    REQUIRE(agent.batches().size() == 1);
    CHECK(agent.batches().front() == "[1,3]");
    telemetry.init_over();
    CHECK_FALSE(telemetry.subscribe("late", agent.subscription(10min)));
    CHECK(telemetry.wanted());
  }

  TEST_CASE("a flush waits for a batch on its way, and no longer than it may") {
    const FunctionConfig config;
    Telemetry telemetry(config);
    telemetry.begin(true);
    Agent agent;
    REQUIRE(telemetry.subscribe("agent", agent.subscription(10min)));
    // The first three leave at once, as one batch that may be under way when the flush comes.
    for (const char* record : {"1", "2", "3"}) telemetry.publish(RecordType::kPlatform, record);
    telemetry.flush(Clock::now() + 1min);
    CHECK(agent.batches() == std::vector<std::string>{"[1,2,3]"});
    Subscription unheard = agent.subscription(10min);
    unheard.port = 1;  // nobody listens there
    REQUIRE(telemetry.subscribe("away", unheard));
    telemetry.publish(RecordType::kPlatform, "4");
    telemetry.flush(Clock::now() + 1ms);
    CHECK(eventually([&] { return agent.batches().size() == 2; }));
  }

  TEST_CASE("a batch leaves when it is full, or old") {
    const FunctionConfig config;
    Telemetry telemetry(config);
    Agent agent;
    telemetry.begin(true);
    REQUIRE(telemetry.subscribe("agent", agent.subscription(10min)));
    for (const char* record : {"1", "2", "3"}) telemetry.publish(RecordType::kPlatform, record);
    REQUIRE(agent.gets(1));
    CHECK(agent.batches().front() == "[1,2,3]");
    REQUIRE(telemetry.subscribe("agent", agent.subscription(5ms)));
    telemetry.publish(RecordType::kPlatform, "4");
    CHECK(agent.gets(2));
  }

  TEST_CASE("nothing is kept where nobody can subscribe, and nothing after the init without one") {
    const FunctionConfig config;
    Telemetry telemetry(config);
    telemetry.begin(false);
    CHECK_FALSE(telemetry.wanted());
    telemetry.begin(true);
    CHECK(telemetry.wanted());
    telemetry.init_over();
    CHECK_FALSE(telemetry.wanted());
  }

  TEST_CASE("the function's line is an object where its log is in JSON") {
    CHECK(output_event("function", R"({"a":1})", true).ends_with(R"("record":{"a":1}})"));
    CHECK(output_event("function", R"({"a":1})", false).ends_with(R"("record":"{\"a\":1}"})"));
    CHECK(output_event("function", "{a}", true).ends_with(R"("record":"{a}"})"));
  }
}
