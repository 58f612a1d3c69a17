// SPDX-License-Identifier: MIT
//
// The forms of an HTML page: the target of one and the fields that a browser would send. Knows
// inputs, text areas and selected options, and as much HTML as applications write. Pure functions.
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

// Decodes the character references of quotes, brackets and `&`.
std::string decode_entities(std::string_view text);

}  // namespace phork::apps
