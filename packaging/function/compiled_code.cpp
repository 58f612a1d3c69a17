// SPDX-License-Identifier: MIT
#include "packaging/function/compiled_code.h"

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Result;

// zend_file_cache_metainfo, on machines of 64 bits.
constexpr std::string_view kMagic = "OPCACHE";
constexpr std::size_t kChecksumAt = 72;
constexpr std::size_t kHeaderSize = 80;
constexpr std::size_t kWord = 4;

// https://www.rfc-editor.org/rfc/rfc1950#section-8.2
std::uint32_t adler32(std::string_view bytes) {
  constexpr std::uint32_t kBase = 65521;
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<unsigned char>(byte)) % kBase;
    b = (b + a) % kBase;
  }
  return b << 16U | a;
}

void clear_differences(std::string& bytes, const std::string& other) {
  for (std::size_t at = 0; at + kWord <= bytes.size(); at += kWord) {
    if (bytes.compare(at, kWord, other, at, kWord) != 0) bytes.replace(at, kWord, kWord, '\0');
  }
}

void set_checksum(std::string& bytes) {
  const std::uint32_t sum = adler32(std::string_view(bytes).substr(kHeaderSize));
  std::memcpy(bytes.data() + kChecksumAt, &sum, sizeof sum);
  bytes.replace(kChecksumAt + sizeof sum, kHeaderSize - kChecksumAt - sizeof sum,
                kHeaderSize - kChecksumAt - sizeof sum, '\0');
}

Result<CodeFiles> read_code(const fs::path& folder) {
  CodeFiles files;
  std::error_code error;
  auto at = fs::recursive_directory_iterator(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (!at->is_regular_file()) continue;
    auto bytes = read_file(at->path(), "packaging: read");
    if (!bytes) return bytes.error();
    files.emplace(at->path().lexically_relative(folder).string(), std::move(bytes).value());
  }
  if (error) return base::system_error("packaging: read '" + folder.string() + "'", error.value());
  return files;
}

Result<CodeFiles> compile_once(const fs::path& folder,
                               const std::function<base::Status()>& compile) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  const auto compiled = compile();
  if (!compiled) return compiled.error();
  auto files = read_code(folder);
  fs::remove_all(folder, ignored);
  return files;
}

}  // namespace

CodeFiles reconcile(CodeFiles first, const CodeFiles& second) {
  std::erase_if(first, [&second](const auto& file) {
    const auto other = second.find(file.first);
    return other == second.end() || other->second.size() != file.second.size();
  });
  for (auto& [path, bytes] : first) {
    if (bytes.size() < kHeaderSize || !bytes.starts_with(kMagic)) continue;
    clear_differences(bytes, second.at(path));
    set_checksum(bytes);
  }
  return first;
}

Result<std::vector<Entry>> compile_code(const TaskFolder& folder,
                                        const std::function<base::Status()>& compile) {
  const fs::path place = folder.path() / kCodeFolder;
  auto first = compile_once(place, compile);
  if (!first) return first.error();
  auto second = compile_once(place, compile);
  if (!second) return second.error();
  std::error_code ignored;
  fs::remove(place.parent_path(), ignored);  // unless the application has something there
  std::vector<Entry> entries;
  const auto add = [&entries](const std::string& name, std::string content) {
    Entry entry;
    entry.path = std::string(kCodeFolder) + "/" + name;
    entry.content = std::move(content);
    entry.component = "compiled code";
    entries.push_back(std::move(entry));
  };
  for (auto& [name, bytes] : reconcile(std::move(first).value(), second.value())) {
    add(name, std::move(bytes));
  }
  // php-worker looks for it (php-worker/sapi/file_cache.cpp).
  add("packaged", "");
  return entries;
}

}  // namespace phork::packaging
