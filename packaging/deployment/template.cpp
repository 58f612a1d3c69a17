// SPDX-License-Identifier: MIT
#include "packaging/deployment/template.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <utility>

#include "runtime/base/text.h"

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;

// The templates are ours: a parameter is indented by two blanks and its attributes by four, which
// tests/deploy holds them to.
constexpr std::string_view kParameters = "Parameters:";
constexpr std::string_view kNameIndent = "  ";
constexpr std::string_view kAttributeIndent = "    ";

Error invalid(const std::string& action, const std::string& object, const std::string& reason) {
  return {ErrorKind::kInvalid, "deploy: " + action + " '" + object + "': " + reason};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// 'x' and x are the same text.
std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '\'' || text.back() != '\'') return std::string(text);
  std::string value;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    value += text[i];
    if (text[i] == '\'') ++i;  // '' stands for one
  }
  return value;
}

// A text in single quotes is never taken for a number, a truth value or null.
std::string in_quotes(std::string_view value) {
  std::string text = "'";
  for (const char c : value) text += c == '\'' ? "''" : std::string(1, c);
  return text + "'";
}

// The items of [a, b].
std::vector<std::string> items_of(std::string_view list) {
  std::vector<std::string> items;
  std::istringstream stream{std::string(base::trim(list, "[]"))};
  for (std::string item; std::getline(stream, item, ',');) {
    items.push_back(unquoted(base::trim(item)));
  }
  return items;
}

// CloudFormation's patterns are Java's. It reads those itself that are not ECMAScript's, too.
bool matches(const std::string& value, const std::string& pattern) {
  try {
    return std::regex_match(value, std::regex(pattern));
  } catch (const std::regex_error&) {
    return true;
  }
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

}  // namespace

std::vector<std::string> template_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(folder, error)) {
    if (file.path().extension() == ".yaml") names.push_back(file.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

Result<Template> Template::read(const fs::path& folder, const std::string& name) {
  if (name.ends_with(".yaml")) return read_file(name, name);
  const std::vector<std::string> names = template_names(folder);
  if (names.empty()) {
    return Error{ErrorKind::kSystem, "deploy: find templates in '" + folder.string() +
                                         "': there are none: install phork again"};
  }
  if (!std::ranges::binary_search(names, name)) {
    return invalid("find template", name, "expected one of " + joined(names));
  }
  return read_file(folder / (name + ".yaml"), name);
}

Result<Template> Template::read_file(const fs::path& path, const std::string& name) {
  std::ifstream file(path, std::ios::binary);
  // A directory opens, and cannot be read.
  if (!file || file.peek() == std::ifstream::traits_type::eof()) {
    return invalid("read template", name, "expected a template, got no text");
  }
  return Template(name, std::string(std::istreambuf_iterator<char>(file), {}));
}

Template::Template(std::string name, const std::string& text) : name_(std::move(name)) {
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    wants_image_ = wants_image_ || base::trim(line) == "PackageType: Image";
    wants_assets_ = wants_assets_ || line == "  Assets:";
    lines_.push_back(std::move(line));
  }
  read_parameters();
}

void Template::read_parameters() {
  std::size_t line = 0;
  while (line < lines_.size() && lines_[line] != kParameters) ++line;
  for (++line; line < lines_.size() && lines_[line].starts_with(kNameIndent); ++line) {
    if (lines_[line].starts_with(kAttributeIndent)) {
      if (!variables_.empty()) read_attribute(line, variables_.back());
    } else {
      variables_.emplace_back().name = base::trim(lines_[line], " :");
    }
  }
}

void Template::read_attribute(std::size_t line, Variable& variable) const {
  const std::string_view text = base::trim(lines_[line]);
  const std::size_t colon = std::min(text.find(':'), text.size() - 1);
  const std::string_view key = text.substr(0, colon);
  const std::string_view value = base::trim(text.substr(colon + 1));
  if (key == "Type") {
    variable.type = value;
    variable.first_line = line;
  } else if (key == "Description") {
    variable.description = unquoted(value);
  } else if (key == "AllowedValues") {
    variable.allowed = items_of(value);
  } else if (key == "AllowedPattern") {
    variable.pattern = unquoted(value);
  } else if (key == "MinValue") {
    variable.least = base::parse_number<unsigned>(value).value_or(variable.least);
  } else if (key == "MaxValue") {
    variable.most = base::parse_number<unsigned>(value).value_or(variable.most);
  } else if (key == "Default") {
    variable.value = unquoted(value);
    variable.has_value = true;
    variable.value_line = line;
  }
}

const Variable* Template::find(const std::string& name) const {
  const auto found = std::ranges::find(variables_, name, &Variable::name);
  return found == variables_.end() ? nullptr : &*found;
}

base::Status Template::set(const std::string& name, const std::string& value) {
  const auto found = std::ranges::find(variables_, name, &Variable::name);
  if (found == variables_.end()) {
    std::vector<std::string> names;
    for (const Variable& variable : variables_) names.push_back(variable.name);
    return invalid("set variable", name,
                   "template " + name_ + " has no such variable, but " + joined(names));
  }
  if (!found->allowed.empty() && !std::ranges::count(found->allowed, value)) {
    return invalid("set variable", name,
                   "expected one of " + joined(found->allowed) + ", got '" + value + "'");
  }
  if (found->type == "Number") {
    const auto number = base::parse_number<unsigned>(value);
    if (!number) return invalid("set variable", name, "expected a number, got '" + value + "'");
    if (*number < found->least || *number > found->most) {
      return invalid("set variable", name,
                     "expected a number from " + std::to_string(found->least) + " to " +
                         std::to_string(found->most) + ", got " + value);
    }
  }
  if (std::ranges::any_of(value, is_control)) {
    return invalid("set variable", name, "expected one line of text, got a control character");
  }
  if (!found->pattern.empty() && !matches(value, found->pattern)) {
    return invalid("set variable", name,
                   "expected text that matches " + found->pattern + ", got '" + value +
                       "': " + found->description);
  }
  found->value = value;
  found->has_value = true;
  return base::ok_status();
}

Result<std::string> Template::fill() const {
  std::vector<std::string> lines = lines_;
  for (const Variable& variable : variables_) {
    if (!variable.has_value) {
      return invalid("fill template", name_,
                     "variable " + variable.name + " is missing: " + variable.description +
                         "; give it with --set " + variable.name + "=VALUE");
    }
    const std::string text =
        std::string(kAttributeIndent) +
        "Default: " + (variable.type == "Number" ? variable.value : in_quotes(variable.value));
    if (variable.value_line != 0) {
      lines[variable.value_line] = text;
    } else {
      lines[variable.first_line] += "\n" + text;
    }
  }
  std::string filled;
  for (const std::string& line : lines) filled += line + "\n";
  return filled;
}

}  // namespace phork::packaging
