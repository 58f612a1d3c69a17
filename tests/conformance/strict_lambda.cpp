// SPDX-License-Identifier: MIT
#include "tests/conformance/strict_lambda.h"

#include <utility>

#include <doctest/doctest.h>

#include "tests/support/json.h"

namespace phork::conformance {

using testing::Json;

StrictLambda::StrictLambda(const std::string& strategy,
                           std::map<std::string, std::string> variables)
    : bootstrap_(testing::program("bootstrap"), {"--strategy=" + strategy}, [&] {
        variables.insert({{"AWS_LAMBDA_RUNTIME_API", api_.address()},
                          {"_HANDLER", "steps.php"},
                          {"LAMBDA_TASK_ROOT", testing::source_path("tests/fixtures/handlers")}});
        return std::move(variables);
      }()) {}

std::string StrictLambda::give(const std::string& payload, const std::string& deadline_ms) {
  std::string id = "event-" + std::to_string(++events_);
  api_.give(id, payload, deadline_ms);
  return id;
}

std::string StrictLambda::give_event(bool prints, const std::string& deadline_ms) {
  const std::string id = "event-" + std::to_string(events_ + 1);
  return give(R"({"id":")" + id + R"(","prints":)" + (prints ? "true" : "false") + "}",
              deadline_ms);
}

void StrictLambda::check_answer(const std::string& id) {
  const auto outcome = api_.wait_outcome(id);
  REQUIRE_MESSAGE(outcome.has_value(), id << "\n" << output());
  REQUIRE_MESSAGE(outcome->answered, outcome->body << "\n" << output());
  CHECK(Json(outcome->body).text("id") == id);
}

void StrictLambda::check_error(const std::string& id, const std::string& type,
                               const std::string& text) {
  const auto outcome = api_.wait_outcome(id);
  REQUIRE_MESSAGE(outcome.has_value(), id << "\n" << output());
  REQUIRE_MESSAGE(!outcome->answered, outcome->body);
  CHECK(Json(outcome->body).text("errorType") == type);
  const std::string message = Json(outcome->body).text("errorMessage");
  CHECK_MESSAGE(message.find(text) != std::string::npos, message);
}

void StrictLambda::wait_idle() {
  REQUIRE_MESSAGE(testing::eventually([this] { return api_.idle(); }), output());
  const auto violations = api_.violations();
  REQUIRE_MESSAGE(violations.empty(), violations.front() << "\n" << output());
}

void StrictLambda::serve_normally() {
  check_answer(give_event());
  wait_idle();
}

}  // namespace phork::conformance
