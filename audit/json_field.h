// SPDX-License-Identifier: MIT
//
// Reading what a probe answers: JSON objects and their fields, and values as text of one form, so
// that equal values are equal texts. Errors are kInvalid and name what was expected and what kind
// of thing came, never its content.
#pragma once

#include <string>
#include <string_view>

#include <simdjson.h>

#include "runtime/base/result.h"

namespace phork::audit {

// "audit: read <what>: <reason>"
base::Error unreadable(std::string_view what, const std::string& reason);

// "an object", "text", "nothing": for errors.
std::string_view type_name(simdjson::dom::element element);

// The object lives as long as `parser` and until its next text.
base::Result<simdjson::dom::object> parse_object(simdjson::dom::parser& parser,
                                                 std::string_view text, std::string_view what);

// A field that has to be there.
base::Result<simdjson::dom::element> field(simdjson::dom::object object, std::string_view name,
                                           std::string_view what);
base::Result<std::string> text_field(simdjson::dom::object object, std::string_view name,
                                     std::string_view what);

// A field that may be absent: "" then, and when it is no text.
std::string optional_text(simdjson::dom::object object, std::string_view name);

// JSON without white space.
std::string canonical(simdjson::dom::element element);

}  // namespace phork::audit
