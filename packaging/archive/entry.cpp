// SPDX-License-Identifier: MIT
#include "packaging/archive/entry.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <openssl/evp.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "runtime/base/fd.h"

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

std::error_code copy_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  const auto last_error = [] { return std::error_code(errno, std::generic_category()); };
  const base::Fd source(::open(from.c_str(), O_RDONLY | O_CLOEXEC));

  struct stat info {};

  if (!source.valid() || ::fstat(source.get(), &info) != 0) return last_error();
  const base::Fd target(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!target.valid()) return last_error();
  constexpr std::size_t kMost = std::size_t{1} << 30U;
  ssize_t sent = 0;
  while ((sent = ::sendfile(target.get(), source.get(), nullptr, kMost)) > 0) continue;
  if (sent < 0 || ::fchmod(target.get(), info.st_mode & 07777) != 0) return last_error();
  return {};
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
