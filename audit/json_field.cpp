// SPDX-License-Identifier: MIT
#include "audit/json_field.h"

namespace phork::audit {

using base::Error;
using base::ErrorKind;
using base::Result;
using simdjson::dom::element_type;

Error unreadable(std::string_view what, const std::string& reason) {
  return {ErrorKind::kInvalid, "audit: read " + std::string(what) + ": " + reason};
}

std::string_view type_name(simdjson::dom::element element) {
  switch (element.type()) {
    case element_type::ARRAY:
      return "a list";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "text";
    case element_type::BOOL:
      return "a boolean";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

Result<simdjson::dom::object> parse_object(simdjson::dom::parser& parser, std::string_view text,
                                           std::string_view what) {
  simdjson::dom::element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root)) {
    return unreadable(what, std::string("expected JSON: ") + simdjson::error_message(error));
  }
  simdjson::dom::object object;
  if (root.get(object) != simdjson::SUCCESS) {
    return unreadable(what, "expected an object, got " + std::string(type_name(root)));
  }
  return object;
}

Result<simdjson::dom::element> field(simdjson::dom::object object, std::string_view name,
                                     std::string_view what) {
  simdjson::dom::element element;
  if (object.at_key(name).get(element) == simdjson::SUCCESS) return element;
  return unreadable(what, "expected a field '" + std::string(name) + "', got none");
}

Result<std::string> text_field(simdjson::dom::object object, std::string_view name,
                               std::string_view what) {
  Result<simdjson::dom::element> element = field(object, name, what);
  if (!element) return std::move(element).error();
  std::string_view text;
  if (element->get(text) == simdjson::SUCCESS) return std::string(text);
  return unreadable(what, "expected text in '" + std::string(name) + "', got " +
                              std::string(type_name(element.value())));
}

std::string optional_text(simdjson::dom::object object, std::string_view name) {
  std::string_view text;
  return object.at_key(name).get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string canonical(simdjson::dom::element element) {
  return simdjson::minify(element);
}

}  // namespace phork::audit
