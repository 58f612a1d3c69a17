// SPDX-License-Identifier: MIT
#include "tests/apps/form.h"

#include <array>
#include <utility>

namespace phork::apps {
namespace {

constexpr auto kNone = std::string_view::npos;

struct Tag {
  std::string_view name;  // "input", "/form"
  std::string_view attributes;
  std::size_t end = 0;  // behind '>'
};

std::optional<Tag> next_tag(std::string_view html, std::size_t from) {
  const std::size_t begin = html.find('<', from);
  if (begin == kNone) return std::nullopt;
  std::size_t end = begin + 1;
  char quote = '\0';
  for (; end < html.size() && (quote != '\0' || html[end] != '>'); ++end) {
    const char byte = html[end];
    if (quote != '\0') {
      if (byte == quote) quote = '\0';
    } else if (byte == '"' || byte == '\'') {
      quote = html[end - 1] == '=' ? byte : '\0';
    }
  }
  if (end >= html.size()) return std::nullopt;
  const std::string_view inside = html.substr(begin + 1, end - begin - 1);
  const std::size_t name_end = std::min(inside.find_first_of(" \t\r\n/", 1), inside.size());
  return Tag{inside.substr(0, name_end), inside.substr(name_end), end + 1};
}

bool is_space(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

// The value of an attribute; an empty one for an attribute without a value.
std::optional<std::string> attribute(const Tag& tag, std::string_view name) {
  const std::string_view text = tag.attributes;
  for (std::size_t at = text.find(name); at != kNone; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if (at == 0 || !is_space(text[at - 1])) continue;
    if (end == text.size() || is_space(text[end]) || text[end] == '/') return "";
    if (text[end] != '=' || end + 1 >= text.size()) continue;
    const char quote = text[end + 1];
    if (quote != '"' && quote != '\'') {
      return std::string(text.substr(end + 1, text.find_first_of(" /", end) - end - 1));
    }
    const std::size_t close = text.find(quote, end + 2);
    if (close == kNone) return std::nullopt;
    return decode_entities(text.substr(end + 2, close - end - 2));
  }
  return std::nullopt;
}

bool is_sent(const Tag& tag, std::string_view button) {
  const std::string type = attribute(tag, "type").value_or("text");
  if (type == "submit" || type == "button" || tag.name == "button") {
    return !button.empty() && attribute(tag, "name") == std::string(button);
  }
  if (type == "checkbox" || type == "radio") return attribute(tag, "checked").has_value();
  return type != "file" && type != "reset" && type != "image";
}

// The text from `from` to `close`, without the first line break, which HTML ignores.
std::string text_before(std::string_view html, std::size_t from, std::string_view close) {
  std::string_view text = html.substr(from, html.find(close, from) - from);
  if (text.starts_with('\n')) text.remove_prefix(1);
  return decode_entities(text);
}

std::map<std::string, std::string> fields_of(std::string_view form, std::string_view button) {
  std::map<std::string, std::string> fields;
  std::string select;
  for (auto tag = next_tag(form, 0); tag; tag = next_tag(form, tag->end)) {
    const std::string name = attribute(*tag, "name").value_or("");
    if (tag->name == "select") select = name;
    if (tag->name == "option" && !select.empty()) {
      const std::string value = attribute(*tag, "value").value_or("");
      if (attribute(*tag, "selected")) fields[select] = value;
      fields.try_emplace(select, value);
    }
    if (name.empty()) continue;
    if (tag->name == "textarea") fields[name] = text_before(form, tag->end, "</textarea");
    const bool takes = tag->name == "input" || tag->name == "button";
    if (takes && is_sent(*tag, button)) fields[name] = attribute(*tag, "value").value_or("");
  }
  return fields;
}

}  // namespace

std::string decode_entities(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, char>, 7> kKnown{{{"&quot;", '"'},
                                                                            {"&#039;", '\''},
                                                                            {"&#39;", '\''},
                                                                            {"&#34;", '"'},
                                                                            {"&lt;", '<'},
                                                                            {"&gt;", '>'},
                                                                            {"&amp;", '&'}}};
  std::string decoded;
  while (!text.empty()) {
    std::size_t used = 1;
    char byte = text.front();
    for (const auto& [reference, stands_for] : kKnown) {
      if (!text.starts_with(reference)) continue;
      byte = stands_for;
      used = reference.size();
      break;
    }
    decoded.push_back(byte);
    text.remove_prefix(used);
  }
  return decoded;
}

std::optional<Form> find_form(std::string_view html, std::string_view mark,
                              std::string_view button) {
  for (std::size_t at = html.find("<form"); at != kNone; at = html.find("<form", at + 1)) {
    const std::string_view text = html.substr(at, html.find("</form", at) - at);
    if (text.find(mark) == kNone) continue;
    const auto tag = next_tag(text, 0);
    if (!tag) return std::nullopt;
    return Form{attribute(*tag, "action").value_or(""), fields_of(text.substr(tag->end), button)};
  }
  return std::nullopt;
}

}  // namespace phork::apps
