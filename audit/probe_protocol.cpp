// SPDX-License-Identifier: MIT
#include "audit/probe_protocol.h"

#include <algorithm>
#include <utility>

#include "audit/json_field.h"
#include "runtime/base/json_writer.h"

namespace phork::audit {
namespace {

using base::Result;

constexpr std::string_view kKinds = "kinds of state";

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// Empty when the field is absent.
Result<std::vector<std::string>> read_keepers(simdjson::dom::object object) {
  std::vector<std::string> keepers;
  simdjson::dom::element value;
  if (object.at_key("kept_by").get(value) != simdjson::SUCCESS) return keepers;
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) {
    return unreadable(kKinds, "expected a list in 'kept_by', got " + std::string(type_name(value)));
  }
  for (const simdjson::dom::element element : list) {
    std::string_view name;
    if (element.get(name) != simdjson::SUCCESS) {
      return unreadable(kKinds,
                        "expected names in 'kept_by', got " + std::string(type_name(element)));
    }
    keepers.emplace_back(name);
  }
  return keepers;
}

Result<Kind> read_kind(simdjson::dom::element element) {
  simdjson::dom::object object;
  if (element.get(object) != simdjson::SUCCESS) {
    return unreadable(kKinds,
                      "expected an object for each kind, got " + std::string(type_name(element)));
  }
  Result<std::string> name = text_field(object, "name", kKinds);
  if (!name) return std::move(name).error();
  if (!is_name(name.value())) {
    return unreadable(kKinds, "expected a name of lower-case letters, digits and '-'");
  }
  Result<std::string> group = text_field(object, "group", kKinds);
  if (!group) return std::move(group).error();
  Result<std::string> title = text_field(object, "title", kKinds);
  if (!title) return std::move(title).error();
  Result<simdjson::dom::element> available = field(object, "available", kKinds);
  if (!available) return std::move(available).error();
  Kind kind{std::move(name).value(), std::move(group).value(), std::move(title).value()};
  if (available->get(kind.available) != simdjson::SUCCESS) {
    return unreadable(kKinds, "expected a boolean in 'available', got " +
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

std::string event_about(std::string_view word, std::string_view kind) {
  base::JsonWriter json;
  json.begin_object().field("audit", word).field("kind", kind).end_object();
  return std::move(json).text();
}

Result<simdjson::dom::object> answer_about(simdjson::dom::parser& parser, std::string_view answer,
                                           std::string_view kind, std::string_view what) {
  Result<simdjson::dom::object> root = parse_object(parser, answer, what);
  if (!root) return root;
  Result<std::string> name = text_field(root.value(), "kind", what);
  if (!name) return std::move(name).error();
  if (name.value() != kind) {
    return unreadable(
        what, "expected an answer about '" + std::string(kind) + "', got one about another kind");
  }
  return root;
}

Result<std::string> value_field(simdjson::dom::object object, std::string_view name,
                                std::string_view what) {
  Result<simdjson::dom::element> value = field(object, name, what);
  if (!value) return std::move(value).error();
  return canonical(value.value());
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
  Result<simdjson::dom::object> root = parse_object(parser, answer, kKinds);
  if (!root) return std::move(root).error();
  Result<simdjson::dom::element> listed = field(root.value(), "kinds", kKinds);
  if (!listed) return std::move(listed).error();
  simdjson::dom::array list;
  if (listed->get(list) != simdjson::SUCCESS) {
    return unreadable(kKinds,
                      "expected a list in 'kinds', got " + std::string(type_name(listed.value())));
  }
  std::vector<Kind> kinds;
  for (const simdjson::dom::element element : list) {
    Result<Kind> kind = read_kind(element);
    if (!kind) return std::move(kind).error();
    if (std::ranges::find(kinds, kind->name, &Kind::name) != kinds.end()) {
      return unreadable(kKinds, "'" + kind->name + "' is listed twice");
    }
    kinds.push_back(std::move(kind).value());
  }
  if (kinds.empty()) return unreadable(kKinds, "expected at least one kind, got none");
  return kinds;
}

std::string look_event(std::string_view kind) {
  return event_about("look", kind);
}

std::string plant_event(std::string_view kind) {
  return event_about("plant", kind);
}

std::string identity_event() {
  return R"({"audit":"identity"})";
}

Result<std::string> read_look(std::string_view answer, std::string_view kind) {
  constexpr std::string_view kWhat = "answer to look";
  simdjson::dom::parser parser;
  Result<simdjson::dom::object> root = answer_about(parser, answer, kind, kWhat);
  if (!root) return std::move(root).error();
  return value_field(root.value(), "value", kWhat);
}

Result<Planted> read_plant(std::string_view answer, std::string_view kind) {
  constexpr std::string_view kWhat = "answer to plant";
  simdjson::dom::parser parser;
  Result<simdjson::dom::object> root = answer_about(parser, answer, kind, kWhat);
  if (!root) return std::move(root).error();
  Result<std::string> before = value_field(root.value(), "before", kWhat);
  if (!before) return std::move(before).error();
  Result<std::string> after = value_field(root.value(), "after", kWhat);
  if (!after) return std::move(after).error();
  return Planted{std::move(before).value(), std::move(after).value()};
}

Result<Identity> read_identity(std::string_view answer) {
  constexpr std::string_view kWhat = "answer to identity";
  simdjson::dom::parser parser;
  Result<simdjson::dom::object> root = parse_object(parser, answer, kWhat);
  if (!root) return std::move(root).error();
  Result<std::string> php = text_field(root.value(), "php", kWhat);
  if (!php) return std::move(php).error();
  Result<std::string> sapi = text_field(root.value(), "sapi", kWhat);
  if (!sapi) return std::move(sapi).error();
  return Identity{std::move(php).value(), std::move(sapi).value()};
}

}  // namespace phork::audit
