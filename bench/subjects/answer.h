// SPDX-License-Identifier: MIT
//
// What the caller of an event got, in a form in which the answers of a Lambda runtime and of a web
// server compare: the status and the body behind whatever wrapped them. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace phork::bench {

struct Answer {
  int status = 200;
  std::string body;

  bool operator==(const Answer&) const = default;
};

// The answer of a Lambda function: an object with `statusCode` is an HTTP response, whose body is
// decoded when it is base64; any other JSON is the body itself, with status 200.
Answer read_answer(std::string_view json);

// "Type: message" of an error that a function reported, in one line.
std::string read_error(std::string_view json);

// An error kInvalid, in a few words and without what was answered, unless the status is below 500
// and the body contains `sign`.
base::Status judge_answer(const Answer& answer, const std::string& sign);

}  // namespace phork::bench
