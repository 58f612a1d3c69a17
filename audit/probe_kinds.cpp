// SPDX-License-Identifier: MIT
#include "audit/probe_kinds.h"

#include <algorithm>
#include <utility>

#include "audit/json_field.h"

namespace phork::audit {
namespace {

using base::Result;

constexpr std::string_view kWhat = "kinds of state";

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Absent: none.
Result<std::vector<std::string>> read_keepers(simdjson::dom::object object) {
  std::vector<std::string> keepers;
  simdjson::dom::element value;
  if (object.at_key("kept_by").get(value) != simdjson::SUCCESS) return keepers;
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) {
    return unreadable(kWhat, "expected a list in 'kept_by', got " + std::string(type_name(value)));
  }
  for (const simdjson::dom::element element : list) {
    std::string_view name;
    if (element.get(name) != simdjson::SUCCESS) {
      return unreadable(kWhat,
                        "expected names in 'kept_by', got " + std::string(type_name(element)));
    }
    keepers.emplace_back(name);
  }
  return keepers;
}

Result<Kind> read_kind(simdjson::dom::element element) {
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) {
    return unreadable(kWhat, "expected an object for each, got " + std::string(type_name(element)));
  }
  Result<std::string> name = text_field(object, "name", kWhat);
  if (!name) return std::move(name).error();
  if (!is_name(name.value())) {
    return unreadable(kWhat, "expected a name of small letters, digits and '-'");
  }
  Result<std::string> group = text_field(object, "group", kWhat);
  if (!group) return std::move(group).error();
  Result<std::string> title = text_field(object, "title", kWhat);
  if (!title) return std::move(title).error();
  Result<simdjson::dom::element> available = field(object, "available", kWhat);
  if (!available) return std::move(available).error();
  Kind kind{std::move(name).value(), std::move(group).value(), std::move(title).value()};
  if (available->get(kind.available) != simdjson::SUCCESS) {
    return unreadable(kWhat, "expected a boolean in 'available', got " +
                                 std::string(type_name(available.value())));
  }
  kind.reason = optional_text(object, "reason");
  kind.channel = optional_text(object, "channel");
  kind.policy = optional_text(object, "policy");
  Result<std::vector<std::string>> keepers = read_keepers(object);
  if (!keepers) return std::move(keepers).error();
  kind.kept_by = std::move(keepers).value();
  return kind;
}

}  // namespace

bool Kind::stays_under(std::string_view strategy) const {
  return std::ranges::find(kept_by, strategy) != kept_by.end();
}

std::string kinds_event() {
  return R"({"audit":"kinds"})";
}

Result<std::vector<Kind>> read_kinds(std::string_view answer) {
  simdjson::dom::parser parser;
  Result<simdjson::dom::object> root = parse_object(parser, answer, kWhat);
  if (!root) return std::move(root).error();
  Result<simdjson::dom::element> listed = field(root.value(), "kinds", kWhat);
  if (!listed) return std::move(listed).error();
  simdjson::dom::array list;
  if (listed->get(list) != simdjson::SUCCESS) {
    return unreadable(kWhat,
                      "expected a list in 'kinds', got " + std::string(type_name(listed.value())));
  }
  std::vector<Kind> kinds;
  for (const simdjson::dom::element element : list) {
    Result<Kind> kind = read_kind(element);
    if (!kind) return std::move(kind).error();
    if (std::ranges::find(kinds, kind->name, &Kind::name) != kinds.end()) {
      return unreadable(kWhat, "'" + kind->name + "' comes twice");
    }
    kinds.push_back(std::move(kind).value());
  }
  if (kinds.empty()) return unreadable(kWhat, "expected one at least, got none");
  return kinds;
}

}  // namespace phork::audit
