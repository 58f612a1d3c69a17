// SPDX-License-Identifier: MIT
#include "runtime/lambda/extension.h"

#include <string_view>

namespace phork::lambda {

using base::Error;
using base::ErrorKind;

namespace {

constexpr const char* kRegisterPath = "/2020-01-01/extension/register";
constexpr const char* kNextPath = "/2020-01-01/extension/event/next";
constexpr const char* kIdentifierHeader = "Lambda-Extension-Identifier";
constexpr std::string_view kNoEvents = R"({"events":[]})";

}  // namespace

base::Status Extension::enroll() {
  const auto response = connection_.post(
      kRegisterPath, "Content-Type: application/json\r\nLambda-Extension-Name: phork\r\n",
      kNoEvents);
  if (!response) return response.error();
  const std::string what = "lambda: register extension '" + connection_.address() + "': expected ";
  if (response->status != 200) {
    return Error{ErrorKind::kRefused, what + "status 200, got " + std::to_string(response->status)};
  }
  const std::string identifier(response->header(kIdentifierHeader));
  if (identifier.empty()) {
    return Error{ErrorKind::kInvalid, what + "header " + kIdentifierHeader + ", got none"};
  }
  identifier_line_ = std::string(kIdentifierHeader) + ": " + identifier + "\r\n";
  return base::ok_status();
}

base::Status Extension::ask() {
  return connection_.ask(kNextPath, identifier_line_);
}

base::Status Extension::collect() {
  const auto response = connection_.collect();
  if (!response) return response.error();
  if (!response.value()) return base::ok_status();
  return Error{ErrorKind::kRefused, "lambda: park extension '" + connection_.address() +
                                        "': expected no answer, got status " +
                                        std::to_string(response.value()->status)};
}

}  // namespace phork::lambda
