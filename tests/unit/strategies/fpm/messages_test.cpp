// SPDX-License-Identifier: MIT
#include "strategies/fpm/messages.h"

#include <iomanip>
#include <sstream>
#include <string>
#include <utility>
#include <variant>

#include <doctest/doctest.h>

#include "runtime/base/settings.h"

namespace {

using namespace phork;
using event::Answer;
using event::Failure;
using strategies::FpmEvent;
using strategies::FpmReply;
using strategies::FpmServes;

strategies::Settings settings() {
  strategies::Settings made;
  made.routing = {"/var/task/index.php", "/var/task"};
  made.entry_function = "greet";
  return made;
}

event::Invocation invocation(std::string event) {
  event::Invocation made;
  made.request_id = "id-1";
  made.tenant_id = "blue";
  made.event = std::move(event);
  return made;
}

std::string bytes_of(const strategies::FpmRequest& request) {
  std::string all;
  for (const std::string_view piece : request.pieces()) all.append(piece);
  return all;
}

// As PHP's bin2hex().
std::string hexadecimal(const std::string& text) {
  std::ostringstream digits;
  digits << std::hex << std::setfill('0');
  for (const char c : text) digits << std::setw(2) << int{static_cast<unsigned char>(c)};
  return digits.str();
}

FpmReply reply(const std::string& outcome, std::string body) {
  FpmReply made;
  if (!outcome.empty()) made.headers.push_back({"Phork-Outcome", outcome});
  made.body_bytes = body.size();
  made.body = std::move(body);
  return made;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string kHttpEvent =
    R"({"version":"2.0","rawPath":"/a","rawQueryString":"x=1","headers":{"host":"h"},)"
    R"("requestContext":{"http":{"method":"POST","path":"/a","protocol":"HTTP/1.1",)"
    R"("sourceIp":"203.0.113.9"}},"body":"text","isBase64Encoded":false})";

}  // namespace

TEST_SUITE("fpm messages") {
  TEST_CASE("a handler's event is the body, and its context is the parameter [phork]") {
    const auto sent = invocation(R"({"name":"Ada"})");
    const auto event = make_fpm_event(sent, FpmServes::kEvents, settings());
    REQUIRE(event.ok());
    CHECK_FALSE(event->shape.has_value());
    const std::string bytes = bytes_of(*event->request);
    CHECK(contains(bytes, R"({"name":"Ada"})"));
    CHECK(contains(bytes, "SCRIPT_FILENAME/var/task/index.php"));
    CHECK(contains(bytes,
                   "[phork]" + hexadecimal(R"({"task":"event","file":"/var/task/index.php",)")));
    CHECK(contains(bytes, hexadecimal(R"("function":"greet","requestId":"id-1")")));
    CHECK(contains(bytes, hexadecimal(R"("tenantId":"blue")")));
    CHECK_FALSE(contains(bytes, "TRACE"));
  }

  TEST_CASE("the trace header is a variable, and a parameter that no filter changes") {
    auto sent = invocation("{}");
    sent.trace_id = "Root=1-<5>;Sampled=1";
    const auto event = make_fpm_event(sent, FpmServes::kEvents, settings());
    REQUIRE(event.ok());
    const std::string bytes = bytes_of(*event->request);
    CHECK(contains(bytes, "_X_AMZN_TRACE_IDRoot=1-<5>;Sampled=1"));
    CHECK(contains(bytes, "[phork.trace]" + hexadecimal(sent.trace_id)));
  }

  TEST_CASE("a script gets the preboot file, and every other task also names the kind") {
    strategies::Settings configured = settings();
    configured.entry_kind = base::EntryKind::kScript;
    configured.preboot_file = "/var/task/preboot.php";
    const std::string preboot = hexadecimal("/var/task/preboot.php");
    const std::string script = hexadecimal(R"("kind":"script","preboot":"/var/task/preboot.php",)");
    configured.entry_function = "";
    const auto asked = invocation(kHttpEvent);
    const auto http = make_fpm_event(asked, FpmServes::kHttp, configured);
    REQUIRE(http.ok());
    CHECK(contains(bytes_of(*http->request), "[phork.preboot]" + preboot));
    CHECK_FALSE(contains(bytes_of(*http->request), "[phork]"));
    CHECK(contains(bytes_of(fpm_boot(configured).value()), script));
    CHECK(contains(bytes_of(fpm_hello(configured).value()), script));

    configured = settings();
    configured.entry_kind = base::EntryKind::kHandler;
    const auto sent = invocation("1");
    const auto event = make_fpm_event(sent, FpmServes::kEvents, configured);
    REQUIRE(event.ok());
    CHECK(contains(bytes_of(*event->request), hexadecimal(R"("kind":"handler","preboot":"",)")));
  }

  TEST_CASE("an HTTP event becomes the request that a web server would send") {
    const auto sent = invocation(kHttpEvent);
    const auto event = make_fpm_event(sent, FpmServes::kHttp, settings());
    REQUIRE(event.ok());
    CHECK(event->shape == http::EventShape::kApiGatewayV2);
    const std::string bytes = bytes_of(*event->request);
    CHECK(contains(bytes, "REQUEST_URI/a?x=1"));
    CHECK(contains(bytes, hexadecimal(R"("task":"http")")));
    CHECK(contains(bytes, "text"));
    CHECK_FALSE(make_fpm_event(invocation("{}"), FpmServes::kHttp, settings()).ok());
  }

  TEST_CASE("the header Phork-Outcome makes a reply an answer or a failure") {
    const FpmEvent event;
    const auto answer = read_fpm_answer(reply("answer", "[1]"), event);
    REQUIRE(std::holds_alternative<Answer>(answer));
    CHECK(std::get<Answer>(answer).body == "[1]");

    const auto failed = read_fpm_answer(
        reply("failure", R"({"type":"T","message":"Zoë","stackTrace":["#0","#1"]})"), event);
    REQUIRE(std::holds_alternative<Failure>(failed));
    const auto& failure = std::get<Failure>(failed);
    CHECK(failure.type == "T");
    CHECK(failure.message == "Zoë");
    CHECK(failure.stack_trace == std::vector<std::string>{"#0", "#1"});
  }

  TEST_CASE("a reply without an outcome, or with an unreadable one, is a failure") {
    const FpmEvent event;
    const auto lost = read_fpm_answer(reply("", "[1]"), event);
    REQUIRE(std::holds_alternative<Failure>(lost));
    CHECK(std::get<Failure>(lost).type == "Runtime.AnswerLost");
    const auto garbled = read_fpm_answer(reply("failure", "{\"type\":"), event);
    REQUIRE(std::holds_alternative<Failure>(garbled));
    CHECK(std::get<Failure>(garbled).type == "Runtime.WorkerLost");
  }

  TEST_CASE("an HTTP reply becomes the answer, without the header Phork-Outcome") {
    FpmEvent event;
    event.shape = http::EventShape::kApiGatewayV2;
    FpmReply made = reply("done", "page");
    made.status = 418;
    made.headers.push_back({"X-Kept", "1"});
    const auto outcome = read_fpm_answer(std::move(made), event);
    REQUIRE(std::holds_alternative<Answer>(outcome));
    const std::string& body = std::get<Answer>(outcome).body;
    CHECK(contains(body, "418"));
    CHECK(contains(body, "X-Kept"));
    CHECK_FALSE(contains(body, "Phork"));
  }

  TEST_CASE("code may still run after a response without the header Phork-Outcome") {
    CHECK(may_still_run(reply("", "page")));
    CHECK_FALSE(may_still_run(reply("done", "page")));
    CHECK_FALSE(may_still_run(reply("answer", "1")));
  }

  TEST_CASE("a body that was too long to keep is not an answer") {
    FpmReply made = reply("answer", "[1]");
    made.body_bytes = 20'000'000;
    const auto outcome = read_fpm_answer(std::move(made), FpmEvent{});
    REQUIRE(std::holds_alternative<Failure>(outcome));
    CHECK(std::get<Failure>(outcome).type == "Function.ResponseSizeTooLarge");
    CHECK(contains(std::get<Failure>(outcome).message, "20000000"));
  }

  TEST_CASE("the reply to boot says what the entry serves, or why it did not boot") {
    const auto http = read_fpm_boot(reply("answer", R"({"serves":"http"})"));
    CHECK(std::get<FpmServes>(http) == FpmServes::kHttp);
    const auto events = read_fpm_boot(reply("answer", R"({"serves":"event"})"));
    CHECK(std::get<FpmServes>(events) == FpmServes::kEvents);
    const auto failed = read_fpm_boot(reply("failure", R"({"type":"T","message":"m"})"));
    CHECK(std::get<Failure>(failed).type == "T");
    CHECK(std::holds_alternative<Failure>(read_fpm_boot(reply("", "<html>"))));
  }

  TEST_CASE("the reply to hello has the worker's process id") {
    const auto pid = read_fpm_hello(reply("answer", R"({"pid":4711})"));
    REQUIRE(pid.ok());
    CHECK(pid.value() == 4711);
    CHECK_FALSE(read_fpm_hello(reply("", R"({"pid":4711})")).ok());
    CHECK_FALSE(read_fpm_hello(reply("answer", "{}")).ok());
  }
}
