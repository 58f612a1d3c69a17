// SPDX-License-Identifier: MIT
//
// The ways in which callers of the Invoke API may name a function: NAME, ACCOUNT:function:NAME or
// arn:aws:lambda:REGION:ACCOUNT:function:NAME, each with :QUALIFIER behind it or not. Pure; views
// of the text that was read.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
#pragma once

#include <optional>
#include <string_view>

namespace phork::emulator {

// What was not said is empty.
struct FunctionName {
  std::string_view region;
  std::string_view account;
  std::string_view name;
  std::string_view qualifier;
};

// Empty when the text has none of those forms.
std::optional<FunctionName> parse_function_name(std::string_view text);

// $LATEST, or the name of an alias or the number of a version.
bool is_qualifier(std::string_view text);

}  // namespace phork::emulator
