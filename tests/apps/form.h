// SPDX-License-Identifier: MIT
//
// The forms of an HTML page: where one is sent to and which fields a browser would send. Knows
// inputs, text areas and the chosen options, and as much HTML as pages made by programs use. Pure
// functions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace phork::apps {

struct Form {
  std::string action;  // as written; empty: the page itself
  std::map<std::string, std::string> fields;
};

// The first form that contains `mark`. Buttons are left out, except the one named `button`.
std::optional<Form> find_form(std::string_view html, std::string_view mark,
                              std::string_view button);

// Without the character references that programs write for quotes and brackets.
std::string decode_entities(std::string_view text);

}  // namespace phork::apps
