// SPDX-License-Identifier: MIT
#include "packaging/archive/entry.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <openssl/evp.h>
#include <system_error>

namespace phork::packaging {

void sort(std::vector<Entry>& entries) {
  std::ranges::sort(entries, {}, &Entry::path);
}

base::Result<std::string> read_file(const std::filesystem::path& file, const std::string& what) {
  std::error_code ignored;
  std::ifstream stream;
  // Opening a directory succeeds, but reading it fails without an error.
  if (std::filesystem::is_directory(file, ignored)) {
    errno = EISDIR;
  } else {
    stream.open(file, std::ios::binary);
    if (stream) return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  return base::system_error(what + " '" + file.string() + "'", errno);
}

std::string sha256(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ::EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, ::EVP_sha256(), nullptr);
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += kDigits[digest.at(i) >> 4U];
    text += kDigits[digest.at(i) & 15U];
  }
  return text;
}

}  // namespace phork::packaging
