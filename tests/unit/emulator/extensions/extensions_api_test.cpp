// SPDX-License-Identifier: MIT
//
// The Extensions API over HTTP, with calls that no well-behaved extension makes.
#include "emulator/extensions/extensions_api.h"

#include <future>
#include <string>

#include <doctest/doctest.h>
#include <httplib.h>

#include "emulator/runtime_api/server.h"
#include "runtime/base/pinned.h"
#include "tests/support/eventually.h"

using namespace phork::emulator;
using namespace std::chrono_literals;

namespace {

constexpr const char* kBoth = R"({"events":["INVOKE","SHUTDOWN"]})";

struct Fixture : private phork::base::Pinned {
  FunctionConfig config;
  std::unique_ptr<const LogLines> lines = make_log_lines(config);
  Telemetry telemetry{config};
  ExtensionsApi extensions{
      config,
      *lines,
      telemetry,
      {[this] { api.extensions_changed(); }, [](const std::string&, const std::string&) {}}};
  Dispatcher dispatcher;
  RuntimeObserver observer;
  RuntimeApiServer api{dispatcher, observer, options()};
  std::unique_ptr<httplib::Client> client;

  Fixture() {
    config.handler = "index.php";
    extensions.begin({"agent"});
    telemetry.begin(true);
    REQUIRE(api.start().ok());
    client = make_client();
  }

  ~Fixture() { api.stop(); }

  RuntimeApiServer::Options options() {
    RuntimeApiServer::Options made;
    made.extensions = &extensions;
    return made;
  }

  std::unique_ptr<httplib::Client> make_client() const {
    return std::make_unique<httplib::Client>("http://" + api.address());
  }

  httplib::Result enroll(const std::string& name, const std::string& body) const {
    return client->Post("/2020-01-01/extension/register", {{"Lambda-Extension-Name", name}}, body,
                        "application/json");
  }

  std::string identifier_of(const std::string& name, const std::string& body = kBoth) const {
    const auto reply = enroll(name, body);
    REQUIRE(reply);
    REQUIRE_MESSAGE(reply->status == 200, reply->body);
    return reply->get_header_value("Lambda-Extension-Identifier");
  }

  httplib::Result next(const std::string& identifier) const {
    return make_client()->Get("/2020-01-01/extension/event/next",
                              {{"Lambda-Extension-Identifier", identifier}});
  }
};

void check_refusal(const httplib::Result& reply, int status, const std::string& type) {
  REQUIRE(reply);
  CHECK(reply->status == status);
  CHECK_MESSAGE(reply->body.find('"' + type + '"') != std::string::npos, reply->body);
}

}  // namespace

TEST_SUITE("extensions API") {
  TEST_CASE_FIXTURE(Fixture, "registration says which function it is") {
    CHECK_FALSE(extensions.registered());
    const auto reply = enroll("agent", kBoth);
    REQUIRE(reply);
    CHECK(reply->body ==
          R"({"functionName":"function","functionVersion":"$LATEST","handler":"index.php"})");
    CHECK(extensions.registered());
    CHECK_FALSE(extensions.ready());
    CHECK(extensions.wants_shutdown("agent"));
  }

  TEST_CASE_FIXTURE(Fixture, "registrations that Lambda refuses") {
    check_refusal(enroll("", kBoth), 403, "Extension.InvalidExtensionName");
    check_refusal(enroll("agent", R"({"events":["BOOM"]})"), 400, "Extension.InvalidEventType");
    check_refusal(enroll("agent", "no JSON"), 400, "Extension.InvalidEventType");
    check_refusal(enroll("inside", kBoth), 403,
                  "Extension.ShutdownEventNotSupportedForInternalExtension");
    identifier_of("agent");
    check_refusal(enroll("agent", kBoth), 403, "Extension.AlreadyRegistered");
    for (int number = 0; number < 9; ++number) {
      identifier_of("inside-" + std::to_string(number), R"({"events":[]})");
    }
    check_refusal(enroll("eleventh", R"({"events":[]})"), 403, "Extension.TooManyExtensions");
    extensions.init_over();
    check_refusal(enroll("late", R"({"events":[]})"), 403, "Extension.RegistrationClosed");
  }

  TEST_CASE_FIXTURE(Fixture, "a call without a known identifier is refused") {
    check_refusal(client->Get("/2020-01-01/extension/event/next"), 403,
                  "Extension.MissingExtensionIdentifier");
    check_refusal(next("unknown"), 403, "Extension.UnknownExtensionIdentifier");
    const auto subscribed = client->Put("/2022-07-01/telemetry", "{}", "application/json");
    check_refusal(subscribed, 403, "Extension.MissingExtensionIdentifier");
    const auto wrong_method = client->Post("/2020-01-01/extension/event/next", "", "text/plain");
    REQUIRE(wrong_method);
    CHECK(wrong_method->status == 405);
    const auto wrong_path = client->Post("/2020-01-01/extension/nothing", "", "text/plain");
    REQUIRE(wrong_path);
    CHECK(wrong_path->status == 404);
  }

  TEST_CASE_FIXTURE(Fixture, "an event that comes between two calls is there for the second") {
    const std::string identifier = identifier_of("agent");
    auto first = std::async(std::launch::async, [&] { return next(identifier); });
    REQUIRE(phork::testing::eventually([this] { return extensions.ready(); }));
    extensions.invoke({"id-1", 1, "arn", "Root=1"});
    const auto event = first.get();
    REQUIRE(event);
    CHECK(event->body ==
          R"({"eventType":"INVOKE","deadlineMs":1,"requestId":"id-1","invokedFunctionArn":"arn",)"
          R"("tracing":{"type":"X-Amzn-Trace-Id","value":"Root=1"}})");
    CHECK_FALSE(extensions.ready());
    extensions.shutdown("spindown", 2);
    const auto last = next(identifier);
    REQUIRE(last);
    CHECK(last->body == R"({"eventType":"SHUTDOWN","deadlineMs":2,"shutdownReason":"spindown"})");
  }

  TEST_CASE_FIXTURE(Fixture, "an extension may fail before it is ready, and says why") {
    const std::string identifier = identifier_of("agent");
    const auto unnamed =
        client->Post("/2020-01-01/extension/init/error",
                     {{"Lambda-Extension-Identifier", identifier}}, "{}", "application/json");
    check_refusal(unnamed, 403, "Extension.MissingHeader");
    CHECK_FALSE(extensions.failure().has_value());
    const auto told = client->Post("/2020-01-01/extension/init/error",
                                   {{"Lambda-Extension-Identifier", identifier},
                                    {"Lambda-Extension-Function-Error-Type", "Agent.NoKey"}},
                                   "{}", "application/json");
    REQUIRE(told);
    CHECK(told->status == 202);
    REQUIRE(extensions.failure().has_value());
    CHECK(extensions.failure()->type == "Extension.InitError");
    CHECK(extensions.failure()->message == "extension 'agent': Agent.NoKey");
  }
}
