// SPDX-License-Identifier: MIT
//
// One event as the Runtime API handed it out, and what is to be answered. Plain values: lambda
// makes the first and sends the second, strategies turn the one into the other, nobody else looks
// inside.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace phork::event {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

// Absent headers are empty strings. `event` holds the bytes as they came.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next
struct Invocation {
  std::string request_id;
  std::string invocation_id;  // echoed on the answer; unique per attempt, unlike the request id
  WallTime deadline{};
  std::string function_arn;
  std::string trace_id;
  std::string client_context;    // JSON
  std::string cognito_identity;  // JSON
  std::string tenant_id;
  std::string event;
};

// What goes to `/response`.
struct Answer {
  std::string body;
  std::string content_type = "application/json";
};

// What goes to `/error` (or `/init/error`).
struct Failure {
  std::string type;  // "Runtime.PhpFatal", "Function.Timeout", or the class of an exception
  std::string message;
  std::vector<std::string> stack_trace;
};

// All of the answer has been written to the event's AnswerStream (answer_stream.h).
struct Streamed {};

using Outcome = std::variant<Answer, Failure, Streamed>;

// A header of a message or a CGI variable. Names may repeat in a list of these.
struct NameValue {
  std::string name;
  std::string value;

  bool operator==(const NameValue&) const = default;
};

}  // namespace phork::event
