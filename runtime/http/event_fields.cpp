// SPDX-License-Identifier: MIT
#include "runtime/http/event_fields.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "runtime/base/base64.h"
#include "runtime/base/text.h"
#include "runtime/http/message.h"

namespace phork::http {
namespace {

namespace ondemand = simdjson::ondemand;
using ondemand::json_type;

// simdjson's own texts are sentences; these are reasons.
std::string_view parse_reason(simdjson::error_code code) {
  switch (code) {
    case simdjson::EMPTY:
      return "nothing";
    case simdjson::UTF8_ERROR:
      return "bytes that are not UTF-8";
    case simdjson::STRING_ERROR:
      return "JSON with an escape that is none, or half a surrogate pair";
    case simdjson::CAPACITY:
      return "more than 4 GiB";
    case simdjson::MEMALLOC:
      return "more than memory holds";
    default:
      return "malformed JSON";
  }
}

// The text between the quotes of a string token, which blanks may follow.
std::string_view between_quotes(std::string_view token) {
  const std::string_view quoted = base::trim(token);
  return quoted.size() < 2 ? std::string_view{} : quoted.substr(1, quoted.size() - 2);
}

// By MapForm.
constexpr std::array<std::string_view, 3> kWanted{"a string", "an array of strings",
                                                  "a string or an array of strings"};

// A name in a map comes from the client: what would disturb a log is not shown.
std::string printable(std::string_view name) {
  constexpr std::size_t kMostBytes = 64;
  std::string shown(name.substr(0, kMostBytes));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c <= ' ' || c > '~'; }, '?');
  return name.size() > kMostBytes ? shown + "..." : shown;
}

}  // namespace

void EventFields::open(std::string_view json, std::size_t readable_bytes) {
  simdjson::padded_string_view padded(json, readable_bytes);
  if (readable_bytes < json.size() + kPaddingBytes) {
    copy_ = simdjson::padded_string(json);
    padded = copy_;
  }
  if (!check(parser_.iterate(padded).get(document_))) return;
  json_type type{};
  if (!check(document_.type().get(type))) return;
  if (type != json_type::object) {
    fail({base::ErrorKind::kInvalid, "http: read event: expected a JSON object, got another type"});
  }
}

bool EventFields::has(std::string_view path) {
  const Found found = look_up(path);
  return found.whole && found.type && found.type != json_type::null;
}

std::string EventFields::required_text(std::string_view path) {
  Found found = look_up(path);
  return expect(found, json_type::string) ? short_text(found.value, found.type) : std::string{};
}

std::string EventFields::text_or(std::string_view path, std::string_view absent) {
  Found found = look_up(path);
  if (!found.type || found.type == json_type::null) return std::string(absent);
  return expect(found, json_type::string) ? short_text(found.value, found.type) : std::string{};
}

std::string EventFields::text(std::string_view path) {
  Found found = look_up(path);
  if (found.whole && found.type == json_type::number) return short_text(found.value, found.type);
  return expect_if_there(found, json_type::string) ? short_text(found.value, found.type)
                                                   : std::string{};
}

bool EventFields::flag(std::string_view path) {
  Found found = look_up(path);
  bool value = false;
  return expect_if_there(found, json_type::boolean) && check(found.value.get_bool().get(value)) &&
         value;
}

std::string EventFields::object_json(std::string_view path) {
  Found found = look_up(path);
  if (is_empty_list(found) || !expect_if_there(found, json_type::object)) return {};
  std::string_view json;
  ondemand::object object;
  if (!check(found.value.get_object().get(object))) return {};
  if (!check(object.raw_json().get(json))) return {};
  return std::string(base::trim(json));
}

std::vector<std::string> EventFields::list(std::string_view path) {
  Found found = look_up(path);
  if (!expect_if_there(found, json_type::array)) return {};
  std::vector<event::NameValue> entries;
  append_list(entries, path, {}, found.value, MapForm::kLists);
  std::vector<std::string> texts;
  texts.reserve(entries.size());
  for (event::NameValue& entry : entries) texts.push_back(std::move(entry.value));
  return texts;
}

std::vector<event::NameValue> EventFields::map(std::string_view path, MapForm form) {
  Found found = look_up(path);
  if (is_empty_list(found) || !expect_if_there(found, json_type::object)) return {};
  ondemand::object object;
  if (!check(found.value.get_object().get(object))) return {};
  std::vector<event::NameValue> entries;
  for (auto member : object) {
    ondemand::field field;
    if (!check(std::move(member).get(field))) return {};
    append_entry(entries, path, field, form);
    if (error_) return {};
  }
  return entries;
}

void EventFields::append_entry(std::vector<event::NameValue>& entries, std::string_view parent,
                               ondemand::field& field, MapForm form) {
  std::string_view unescaped_name;
  if (!check(field.unescaped_key().get(unescaped_name))) return;
  const std::string name(unescaped_name);
  const Type type = type_of(field.value());
  if (!type || type == json_type::null) return;
  if (is_text(type) && form != MapForm::kLists) {
    entries.push_back({name, short_text(field.value(), type)});
    return;
  }
  const std::string path = std::string(parent) + '.' + printable(name);
  if (type == json_type::array && form != MapForm::kTexts) {
    append_list(entries, path, name, field.value(), form);
    return;
  }
  misfit(path, kWanted.at(static_cast<std::size_t>(form)), phrase(type));
}

void EventFields::append_list(std::vector<event::NameValue>& entries, std::string_view path,
                              std::string_view name, ondemand::value& list, MapForm form) {
  ondemand::array array;
  if (!check(list.get_array().get(array))) return;
  for (auto element : array) {
    ondemand::value value;
    if (!check(element.get(value))) return;
    const Type type = type_of(value);
    if (!type || type == json_type::null) continue;
    if (!is_text(type)) {
      misfit(path, kWanted.at(static_cast<std::size_t>(form)),
             std::string(phrase(type)) + " in the array");
      return;
    }
    entries.push_back({std::string(name), short_text(value, type)});
  }
}

std::string EventFields::text_or_base64(std::string_view path, bool is_base64) {
  Found found = look_up(path);
  if (found.whole && found.type == json_type::number) return short_text(found.value, found.type);
  if (!expect_if_there(found, json_type::string)) return {};
  const std::string_view json_text = between_quotes(found.value.raw_json_token());
  // Base64 has nothing to escape but '/', which hardly any writer of JSON does: decode it from
  // where it lies.
  const bool escaped = json_text.find('\\') != std::string_view::npos;
  if (!is_base64) return escaped ? unescaped(json_text) : std::string(json_text);
  auto decoded = escaped ? base::decode_base64(unescaped(json_text), path)
                         : base::decode_base64(json_text, path);
  if (decoded.ok()) return std::move(decoded).value();
  fail(std::move(decoded).error());
  return {};
}

void EventFields::fail(base::Error error) {
  if (!error_) error_ = std::move(error);
}

std::string_view EventFields::phrase(Type type) {
  if (!type) return "nothing";
  switch (*type) {
    case json_type::null:
      return "null";
    case json_type::string:
      return "a string";
    case json_type::number:
      return "a number";
    case json_type::boolean:
      return "a boolean";
    case json_type::array:
      return "an array";
    default:
      return "an object";
  }
}

EventFields::Found EventFields::look_up(std::string_view path) {
  Found found;
  ondemand::object object;
  if (error_) return found;
  // From the start each time, so that fields may be asked for in any order. What is skipped costs
  // a step per token, and a body is one token.
  document_.rewind();
  if (!check(document_.get_object().get(object))) return found;
  for (std::size_t end = 0; end < path.size();) {
    const std::size_t begin = end == 0 ? 0 : end + 1;
    end = std::min(path.find('.', begin), path.size());
    const auto code = object.find_field(path.substr(begin, end - begin)).get(found.value);
    found.path = path.substr(0, end);
    found.whole = end == path.size();
    found.type = std::nullopt;
    if (code == simdjson::NO_SUCH_FIELD) return found;
    if (!check(code)) return found;
    found.type = type_of(found.value);
    if (!found.whole && is_empty_list(found)) found.type = std::nullopt;
    if (found.whole || found.type != json_type::object) return found;
    if (!check(found.value.get_object().get(object))) return found;
  }
  return found;
}

EventFields::Type EventFields::type_of(ondemand::value& value) {
  json_type type{};
  return check(value.type().get(type)) ? Type(type) : std::nullopt;
}

bool EventFields::check(simdjson::error_code code) {
  if (code == simdjson::SUCCESS) return true;
  fail({base::ErrorKind::kInvalid,
        "http: read event: expected one JSON object, got " + std::string(parse_reason(code))});
  return false;
}

bool EventFields::expect(const Found& found, Type wanted) {
  if (found.whole && found.type == wanted) return true;
  misfit(found.path, phrase(found.whole ? wanted : json_type::object), phrase(found.type));
  return false;
}

bool EventFields::expect_if_there(const Found& found, Type wanted) {
  if (!found.type || found.type == json_type::null) return false;
  return expect(found, wanted);
}

void EventFields::misfit(std::string_view path, std::string_view wanted, std::string_view got) {
  fail({base::ErrorKind::kInvalid, "http: read event field '" + std::string(path) + "': expected " +
                                       std::string(wanted) + ", got " + std::string(got)});
}

bool EventFields::is_text(Type type) {
  return type == json_type::string || type == json_type::number;
}

// A number is its own text; simdjson is asked for its value to see that it is one.
std::string EventFields::short_text(ondemand::value& value, Type type) {
  std::string_view text;
  if (type != json_type::number) {
    return check(value.get_string().get(text)) ? std::string(text) : std::string{};
  }
  text = base::trim(value.raw_json_token());
  double number = 0;
  return check(value.get_double().get(number)) ? std::string(text) : std::string{};
}

// PHP's json_encode() makes [] of a map without entries. Once asked, a list cannot be read.
bool EventFields::is_empty_list(Found& found) {
  if (found.type != json_type::array) return false;
  ondemand::array array;
  bool is_empty = false;
  return check(found.value.get_array().get(array)) && check(array.is_empty().get(is_empty)) &&
         is_empty;
}

// simdjson's buffer for strings would cost another copy and as much memory again.
std::string EventFields::unescaped(std::string_view json_text) {
  std::string out(json_text.size() + kPaddingBytes, '\0');
  auto* const begin = reinterpret_cast<std::uint8_t*>(out.data());
  std::uint8_t* end = begin;
  std::string_view text;
  const ondemand::raw_json_string raw(reinterpret_cast<const std::uint8_t*>(json_text.data()));
  if (!check(parser_.unescape(raw, end).get(text))) return {};
  out.resize(static_cast<std::size_t>(end - begin));
  return out;
}

}  // namespace phork::http
