// SPDX-License-Identifier: MIT
#include "cli/sample.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/command.h"
#include "runtime/base/text.h"

namespace phork::cli {
namespace {

namespace fs = std::filesystem;
using base::Result;
using Json = nlohmann::ordered_json;  // fields stay in the order in which AWS documents them

constexpr const char* kFileEnd = ".json";

Result<fs::path> samples_folder() {
  Result<std::string> own = own_folder();
  if (!own) return own.error();
  return fs::path(own.value()) / "samples";
}

// "expected one of a, b, c".
std::string expected_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return "expected one of " + text;
}

std::string expected_in(const Json& value) {
  if (value.is_array()) {
    return "expected the number of an item, 0 to " + std::to_string(value.size());
  }
  if (!value.is_object()) return "expected the end of the path, as this field has no parts";
  std::vector<std::string> names;
  for (const auto& field : value.items()) names.push_back(field.key());
  return names.empty() ? "expected the name of a new field" : expected_of(names);
}

// The part of `value` that `word` names, made if it is a new item or, at the end of the path, a new
// field; otherwise null.
Json* find_part(Json& value, const std::string& word, bool is_last) {
  if (value.is_array()) {
    const auto index = base::parse_number<std::size_t>(word);
    if (!index || *index > value.size() || value.empty()) return nullptr;
    if (*index == value.size()) value.push_back(Json(value.back()));
    return &value[*index];
  }
  if (!value.is_object() || word.empty()) return nullptr;
  return is_last || value.contains(word) ? &value[word] : nullptr;
}

base::Status set(Json& event, const std::string& change) {
  const std::size_t sign = change.find('=');
  if (sign == 0 || sign == std::string::npos) {
    return invalid("set field", change, "expected PATH=VALUE, such as Records.0.body=text");
  }
  Json* part = &event;
  bool is_new = false;
  for (std::size_t begin = 0; begin <= sign;) {
    const std::size_t end = std::min(change.find('.', begin), sign);
    const std::string word = change.substr(begin, end - begin);
    is_new = part->is_object() && !part->contains(word);
    Json* const next = find_part(*part, word, end == sign);
    if (next == nullptr) {
      return invalid("set field", change.substr(0, sign),
                     expected_in(*part) + ", got '" + word + "'");
    }
    part = next;
    begin = end + 1;
  }
  const std::string text = change.substr(sign + 1);
  Json value = part->is_string() ? Json(text) : Json::parse(text, nullptr, false);
  if (value.is_discarded() && !is_new) {
    return invalid("set field", change.substr(0, sign),
                   std::string("expected JSON, because the sample's value is no text but ") +
                       part->type_name());
  }
  *part = value.is_discarded() ? Json(text) : std::move(value);
  return base::ok_status();
}

}  // namespace

Result<std::vector<std::string>> sample_names() {
  const Result<fs::path> folder = samples_folder();
  if (!folder) return folder.error();
  std::vector<std::string> names;
  std::error_code error;
  for (auto file = fs::directory_iterator(folder.value(), error);
       !error && file != fs::directory_iterator(); file.increment(error)) {
    if (file->path().extension() == kFileEnd) names.push_back(file->path().stem().string());
  }
  if (error) {
    return base::Error{
        base::ErrorKind::kSystem,
        "cli: find samples in '" + folder.value().string() + "': " + error.message()};
  }
  std::ranges::sort(names);
  return names;
}

Result<std::string> read_sample(const std::string& name) {
  const Result<std::vector<std::string>> names = sample_names();
  if (!names) return names.error();
  if (!std::ranges::binary_search(names.value(), name)) {
    return invalid("find sample", name, expected_of(names.value()));
  }
  const Result<fs::path> folder = samples_folder();
  if (!folder) return folder.error();
  return read_event_file((folder.value() / (name + kFileEnd)).string());
}

Result<std::string> change_event(const std::string& event,
                                 const std::vector<std::string>& changes) {
  Json json = Json::parse(event, nullptr, false);
  if (json.is_discarded()) return invalid("change event", "the sample", "expected JSON");
  for (const std::string& change : changes) {
    if (base::Status done = set(json, change); !done) return done.error();
  }
  constexpr int kIndent = 2;
  // A value of the command line may be no UTF-8.
  return json.dump(kIndent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace phork::cli
