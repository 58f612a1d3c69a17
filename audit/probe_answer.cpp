// SPDX-License-Identifier: MIT
#include "audit/probe_answer.h"

#include <utility>

#include "audit/json_field.h"
#include "runtime/base/json_writer.h"

namespace phork::audit {
namespace {

using base::Result;

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
    return unreadable(what, "expected one about '" + std::string(kind) + "', got another");
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
