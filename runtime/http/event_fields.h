// SPDX-License-Identifier: MIT
//
// Helper of event_reader.cpp alone, shared by its payload formats: fields of an event by their path
// ("requestContext.http.method"), in any order. The first failure is kept and every later answer is
// empty, so that a reader asks for all it wants and looks at `error()` once. An error names the
// field, what was expected and what type came; it holds no value of the event. One thread; one
// event per object.
//
// People write events, and PHP does: a text may be a number, a map without entries the list [], and
// null stands for nothing.
//
// The bytes of a body are copied once, from the event's text into the returned string, and once
// more before that when the text has no padding behind it (see `open`).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"

namespace phork::http {

// The values of a map: texts, lists of texts, or either.
enum class MapForm { kTexts, kLists, kEither };

class EventFields {
 public:
  // `readable_bytes` of memory may be read from `json.data()` on. simdjson looks at whole vectors:
  // with less than kPaddingBytes behind the text it is copied. The text must outlive this object.
  static constexpr std::size_t kPaddingBytes = simdjson::SIMDJSON_PADDING;
  void open(std::string_view json, std::size_t readable_bytes);

  // True when the field is there and not null, of any type.
  bool has(std::string_view path);

  // The only texts that may not be a number: of a request's first line.
  std::string required_text(std::string_view path);
  std::string text_or(std::string_view path, std::string_view absent);
  // The others return an empty value for an absent or null field.
  std::string text(std::string_view path);
  bool flag(std::string_view path);
  // The JSON text of an object, as it came.
  std::string object_json(std::string_view path);
  std::vector<std::string> list(std::string_view path);
  // A list of a map's values gives the name once for each; null gives none.
  std::vector<event::NameValue> map(std::string_view path, MapForm form);
  // For big texts.
  std::string text_or_base64(std::string_view path, bool is_base64);

  const std::optional<base::Error>& error() const { return error_; }

  void fail(base::Error error);

 private:
  // Nothing: there is no value.
  using Type = std::optional<simdjson::ondemand::json_type>;

  // The end of the walk along a path: at the value, or (`whole` is false) before it.
  struct Found {
    Type type{};
    std::string_view path;
    bool whole = true;
    simdjson::ondemand::value value{};
  };

  static std::string_view phrase(Type type);
  Found look_up(std::string_view path);
  Type type_of(simdjson::ondemand::value& value);
  bool check(simdjson::error_code code);
  bool expect(const Found& found, Type wanted);
  bool expect_if_there(const Found& found, Type wanted);
  void misfit(std::string_view path, std::string_view wanted, std::string_view got);
  static bool is_text(Type type);
  std::string short_text(simdjson::ondemand::value& value, Type type);
  bool is_empty_list(Found& found);
  std::string unescaped(std::string_view json_text);
  void append_entry(std::vector<event::NameValue>& entries, std::string_view parent,
                    simdjson::ondemand::field& field, MapForm form);
  void append_list(std::vector<event::NameValue>& entries, std::string_view path,
                   std::string_view name, simdjson::ondemand::value& list, MapForm form);

  simdjson::padded_string copy_;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  std::optional<base::Error> error_;
};

}  // namespace phork::http
