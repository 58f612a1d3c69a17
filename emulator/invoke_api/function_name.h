// SPDX-License-Identifier: MIT
//
// Function names in the Invoke API: NAME, ACCOUNT:function:NAME or
// arn:aws:lambda:REGION:ACCOUNT:function:NAME, each with or without a trailing :QUALIFIER. Pure;
// the results are views of the text. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
#pragma once

#include <optional>
#include <string_view>

namespace phork::emulator {

// Absent parts are empty.
struct FunctionName {
  std::string_view region;
  std::string_view account;
  std::string_view name;
  std::string_view qualifier;
};

// nullopt when the text has none of these forms.
std::optional<FunctionName> parse_function_name(std::string_view text);

// True if the text is $LATEST, the name of an alias or the number of a version.
bool is_qualifier(std::string_view text);

}  // namespace phork::emulator
