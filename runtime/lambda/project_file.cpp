// SPDX-License-Identifier: MIT
#include "runtime/lambda/project_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>

#include <simdjson.h>

#include "runtime/base/fd.h"
#include "runtime/base/io.h"
#include "runtime/base/nearest.h"

namespace phork::lambda {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
namespace ondemand = simdjson::ondemand;

constexpr std::array<std::string_view, 5> kKeys{"handler", "strategy", "warmup", "memory",
                                                "environment"};
constexpr std::uint64_t kLeastMemory = 128;
constexpr std::uint64_t kMostMemory = 10'240;

// Variables that have a key of their own.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kOwnKeys{
    {{"_HANDLER", "handler"}, {"PHORK_STRATEGY", "strategy"}, {"PHORK_WARMUP", "warmup"}}};

bool is_name(std::string_view text) {
  const auto is_part = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::ranges::all_of(text, is_part);
}

class Reader {
 public:
  Reader(std::string path, const std::string& text) : path_(std::move(path)), text_(text) {}

  Result<Project> read() {
    ondemand::parser parser;
    ondemand::object object;
    if (parser.iterate(text_).get(document_) != simdjson::SUCCESS) {
      return wrong_at(text_.data(), "expected an object of JSON");
    }
    if (document_.get_object().get(object) != simdjson::SUCCESS) {
      return wrong_here("expected an object of JSON");
    }
    for (auto found : object) {
      ondemand::field field;
      std::string_view key;
      if (std::move(found).get(field) != simdjson::SUCCESS) {
        return wrong_here("expected a key of JSON");
      }
      key_ = field.key().raw();
      if (field.unescaped_key().get(key) != simdjson::SUCCESS) {
        return wrong("expected a key of JSON");
      }
      const std::string name(key);
      if (Status done = read_key(name, field.value()); !done) return done.error();
    }
    // Reading on demand has not seen all of the text.
    simdjson::dom::parser whole;
    if (whole.parse(text_).error() != simdjson::SUCCESS) return wrong_here("expected JSON");
    return std::move(project_);
  }

 private:
  Status read_key(const std::string& key, ondemand::value value) {
    if (key == "handler") return read_text(key, "_HANDLER", value);
    if (key == "strategy") return read_text(key, "PHORK_STRATEGY", value);
    if (key == "warmup") return read_warmup(value);
    if (key == "memory") return read_memory(value);
    if (key == "environment") return read_environment(value);
    std::string expected = "expected one of handler, strategy, warmup, memory, environment, got '";
    expected.append(key).append("'");
    const std::string_view meant = base::nearest(key, kKeys);
    if (!meant.empty()) expected.append(": did you mean ").append(meant).append("?");
    return wrong(expected);
  }

  Status read_text(const std::string& key, const char* variable, ondemand::value value) {
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS || text.empty() || has_nul(text)) {
      return wrong(key + ": expected text");
    }
    project_.variables.emplace_back(variable, text);
    return base::ok_status();
  }

  // As PHORK_WARMUP has it, or a list of its items.
  Status read_warmup(ondemand::value value) {
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return wrong("warmup: expected JSON");
    if (type == ondemand::json_type::string) return read_text("warmup", "PHORK_WARMUP", value);
    const char* const expected = "warmup: expected a list of texts such as \"GET /\"";
    ondemand::array items;
    if (value.get_array().get(items) != simdjson::SUCCESS) return wrong(expected);
    std::string joined;
    for (auto item : items) {
      std::string_view text;
      if (item.get_string().get(text) != simdjson::SUCCESS || text.empty() ||
          text.find_first_of(std::string_view("\0;\n", 3)) != std::string_view::npos) {
        return wrong(expected);
      }
      joined.append(joined.empty() ? "" : ";").append(text);
    }
    project_.variables.emplace_back("PHORK_WARMUP", joined);
    return base::ok_status();
  }

  Status read_memory(ondemand::value value) {
    std::uint64_t memory = 0;
    if (value.get_uint64().get(memory) != simdjson::SUCCESS || memory < kLeastMemory ||
        memory > kMostMemory) {
      return wrong("memory: expected megabytes, " + std::to_string(kLeastMemory) + " to " +
                   std::to_string(kMostMemory));
    }
    project_.memory_mb = static_cast<unsigned>(memory);
    return base::ok_status();
  }

  Status read_environment(ondemand::value value) {
    ondemand::object variables;
    if (value.get_object().get(variables) != simdjson::SUCCESS) {
      return wrong("environment: expected an object");
    }
    for (auto found : variables) {
      ondemand::field field;
      std::string_view key;
      std::string_view text;
      if (std::move(found).get(field) != simdjson::SUCCESS) {
        return wrong_here("expected a key of JSON");
      }
      key_ = field.key().raw();
      if (field.unescaped_key().get(key) != simdjson::SUCCESS || !is_name(key)) {
        return wrong("environment: expected the name of a variable");
      }
      const std::string name(key);
      const auto* const own =
          std::ranges::find(kOwnKeys, key, [](const auto& each) { return each.first; });
      if (own != kOwnKeys.end()) {
        return wrong("environment: " + name + ": expected the key '" + std::string(own->second) +
                     "' of the file in its place");
      }
      if (field.value().get_string().get(text) != simdjson::SUCCESS || has_nul(text)) {
        return wrong("environment: " + name + ": expected text");
      }
      project_.variables.emplace_back(name, text);
    }
    return base::ok_status();
  }

  static bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

  // At the last key.
  Error wrong(const std::string& expected) const { return wrong_at(key_, expected); }

  // At the place where reading has come to.
  Error wrong_here(const std::string& expected) {
    const char* at = nullptr;
    const bool known = document_.current_location().get(at) == simdjson::SUCCESS;
    return wrong_at(known ? at : text_.data() + text_.size(), expected);
  }

  Error wrong_at(const char* at, const std::string& expected) const {
    const char* const end = std::clamp(at, text_.data(), text_.data() + text_.size());
    const auto line = 1 + std::count(text_.data(), end, '\n');
    return {ErrorKind::kInvalid,
            "settings: read " + path_ + ":" + std::to_string(line) + ": " + expected};
  }

  const std::string path_;
  const simdjson::padded_string text_;
  ondemand::document document_;
  const char* key_ = nullptr;
  Project project_;
};

}  // namespace

Result<Project> read_project(const std::string& folder) {
  const std::string path = folder + "/" + kProjectFile;
  const base::Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) return Project{};
    return Error{ErrorKind::kInvalid, base::system_error("settings: read " + path, errno).text};
  }
  return Reader(path, base::read_to_end(file.get())).read();
}

Result<Project> adopt_project(const std::string& folder) {
  Result<Project> project = read_project(folder);
  if (!project) return project;
  for (const auto& [name, value] : project->variables) {
    ::setenv(name.c_str(), value.c_str(), 0);
  }
  return project;
}

}  // namespace phork::lambda
