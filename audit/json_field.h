// SPDX-License-Identifier: MIT
//
// Reads the JSON of the probe and of the recorder: objects and their fields, and values in one
// canonical form, so that equal values are equal texts. Errors are kInvalid; they name what was
// expected and the type of what came, but never its content, which may be secret.
#pragma once

#include <string>
#include <string_view>

#include <simdjson.h>

#include "runtime/base/result.h"

namespace phork::audit {

// "audit: read <what>: <reason>"
base::Error unreadable(std::string_view what, const std::string& reason);

// "an object", "text", "null": for errors.
std::string_view type_name(simdjson::dom::element element);

// The object is valid until `parser` parses another text or ends.
base::Result<simdjson::dom::object> parse_object(simdjson::dom::parser& parser,
                                                 std::string_view text, std::string_view what);

// A required field.
base::Result<simdjson::dom::element> field(simdjson::dom::object object, std::string_view name,
                                           std::string_view what);
base::Result<std::string> text_field(simdjson::dom::object object, std::string_view name,
                                     std::string_view what);

// An optional field: "" when it is absent or not text.
std::string optional_text(simdjson::dom::object object, std::string_view name);

// JSON without white space.
std::string canonical(simdjson::dom::element element);

}  // namespace phork::audit
