// SPDX-License-Identifier: MIT
#include "packaging/archive/size_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "runtime/base/json_writer.h"

namespace phork::packaging {
namespace {

std::string line(const std::string& name, std::uint64_t bytes) {
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%-24s %12llu  %s\n", name.c_str(),
                static_cast<unsigned long long>(bytes), megabytes(bytes).c_str());
  return text.data();
}

std::string octal(std::uint32_t mode) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

void write_facts(base::JsonWriter& json, const Facts& facts) {
  for (const auto& [name, value] : facts) json.field(name, value);
}

void write_entry(base::JsonWriter& json, const std::string& prefix, const Entry& entry) {
  json.begin_object().field("path", prefix + entry.path);
  if (entry.is_link) {
    json.field("link", entry.content);
  } else {
    json.key("bytes").integer(static_cast<std::int64_t>(entry.content.size()));
    json.field("sha256", sha256(entry.content)).field("mode", octal(entry.mode));
  }
  json.field("component", entry.component);
  if (!entry.origin.file.empty()) json.field("source", entry.origin.file);
  if (!entry.origin.package.empty()) {
    json.field("package", entry.origin.package).field("version", entry.origin.version);
  }
  json.end_object();
}

}  // namespace

std::string megabytes(std::uint64_t bytes) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f MB",
                static_cast<double>(bytes) / static_cast<double>(kMegabyte));
  return text.data();
}

std::uint64_t unpacked_size(const std::vector<Entry>& entries) {
  std::uint64_t sum = 0;
  for (const Entry& entry : entries) sum += entry.content.size();
  return sum;
}

Sizes sizes_by_component(const std::vector<Entry>& entries) {
  std::map<std::string, std::uint64_t> sums;
  for (const Entry& entry : entries) sums[entry.component] += entry.content.size();
  Sizes sizes(sums.begin(), sums.end());
  std::ranges::stable_sort(sizes, std::greater{}, &Sizes::value_type::second);
  return sizes;
}

std::string size_table(const Sizes& sizes, std::uint64_t packed) {
  std::string table;
  std::uint64_t sum = 0;
  for (const auto& [name, bytes] : sizes) {
    table += line(name, bytes);
    sum += bytes;
  }
  return table + line("unzipped", sum) + line("zipped", packed);
}

std::string size_json(const Facts& facts, const Sizes& sizes, std::uint64_t packed) {
  base::JsonWriter json;
  json.begin_object();
  write_facts(json, facts);
  json.key("components").begin_object();
  std::uint64_t sum = 0;
  for (const auto& [name, bytes] : sizes) {
    json.key(name).integer(static_cast<std::int64_t>(bytes));
    sum += bytes;
  }
  json.end_object();
  json.key("unzipped").integer(static_cast<std::int64_t>(sum));
  json.key("zipped").integer(static_cast<std::int64_t>(packed));
  json.end_object();
  return std::move(json).text() + "\n";
}

std::string manifest(const Facts& facts, const std::string& prefix,
                     const std::vector<Entry>& entries) {
  base::JsonWriter json;
  json.begin_object();
  write_facts(json, facts);
  json.key("files").begin_array();
  for (const Entry& entry : entries) {
    if (!entry.is_folder) write_entry(json, prefix, entry);
  }
  json.end_array().end_object();
  return std::move(json).text() + "\n";
}

}  // namespace phork::packaging
