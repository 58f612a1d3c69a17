// SPDX-License-Identifier: MIT
#include "packaging/archive/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <locale.h>
#include <memory>
#include <string>
#include <system_error>

#include <simdjson.h>

#include "runtime/base/pinned.h"
#include "runtime/base/settings.h"
#include "runtime/base/text.h"

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;
using base::Result;

using Writer = std::unique_ptr<archive, decltype(&::archive_write_free)>;
using Reader = std::unique_ptr<archive, decltype(&::archive_read_free)>;
using EntryHeader = std::unique_ptr<archive_entry, decltype(&::archive_entry_free)>;

// 1980-01-01T00:00:00Z: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.4.6
constexpr std::int64_t kFirstTime = 315532800;
constexpr std::size_t kBlock = 64 * std::size_t{1024};

Error failed(const std::string& action, const fs::path& path, archive* with) {
  const char* const reason = ::archive_error_string(with);
  const int code = ::archive_errno(with);
  std::string text = "packaging: " + action + " '" + path.string() + "': ";
  text += reason == nullptr ? "unknown error" : reason;
  // "Write error" alone does not tell that the disk is full. Codes below 0 are libarchive's own.
  if (code > 0) text += ": " + std::generic_category().message(code);
  return {ErrorKind::kSystem, std::move(text)};
}

EntryHeader header_of(const Entry& entry, std::int64_t time) {
  EntryHeader header(::archive_entry_new(), ::archive_entry_free);
  ::archive_entry_set_pathname(header.get(), entry.path.c_str());
  ::archive_entry_set_filetype(header.get(), entry.is_link     ? AE_IFLNK
                                             : entry.is_folder ? AE_IFDIR
                                                               : AE_IFREG);
  ::archive_entry_set_perm(header.get(), entry.is_link ? 0777 : entry.mode);
  ::archive_entry_set_mtime(header.get(), time + entry.seconds_later, 0);
  ::archive_entry_set_uid(header.get(), 0);
  ::archive_entry_set_gid(header.get(), 0);
  if (entry.is_link) {
    ::archive_entry_set_symlink(header.get(), entry.content.c_str());
  } else {
    ::archive_entry_set_size(header.get(), static_cast<la_int64_t>(entry.content.size()));
  }
  return header;
}

// While it lives, libarchive takes the names of this thread's archives for UTF-8, whatever the
// user's locale is, and marks them as such in a zip (bit 11 of APPNOTE.TXT 4.4.4).
class Utf8Names : private base::Pinned {
 public:
  Utf8Names()
      : names_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), before_(::uselocale(names_)) {}

  ~Utf8Names() {
    ::uselocale(before_);
    if (names_ != nullptr) ::freelocale(names_);
  }

  // A name may be bytes of another encoding, which must not be called UTF-8.
  void judge(const std::string& name) const {
    ::uselocale(simdjson::validate_utf8(name) ? names_ : LC_GLOBAL_LOCALE);
  }

 private:
  locale_t names_;
  locale_t before_;
};

bool write_entry(archive* writer, const Entry& entry, std::int64_t time) {
  if (::archive_write_header(writer, header_of(entry, time).get()) != ARCHIVE_OK) return false;
  if (entry.is_link || entry.is_folder) return true;
  const auto size = static_cast<la_ssize_t>(entry.content.size());
  return ::archive_write_data(writer, entry.content.data(), entry.content.size()) == size;
}

bool extract(archive* reader, archive_entry* header, const fs::path& target) {
  constexpr int kFlags = ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
                         ARCHIVE_EXTRACT_SECURE_NODOTDOT | ARCHIVE_EXTRACT_SECURE_SYMLINKS;
  ::archive_entry_set_pathname(header, target.c_str());
  return ::archive_read_extract(reader, header, kFlags) == ARCHIVE_OK;
}

// Calls `visit` for each header, until it returns false.
base::Status for_each_header(const fs::path& path,
                             const std::function<bool(archive*, archive_entry*)>& visit) {
  const Utf8Names names;
  const Reader reader(::archive_read_new(), ::archive_read_free);
  ::archive_read_support_format_zip_seekable(reader.get());
  if (::archive_read_open_filename(reader.get(), path.c_str(), kBlock) != ARCHIVE_OK) {
    return Error{ErrorKind::kInvalid,
                 "packaging: read '" + path.string() +
                     "': expected a zip archive: " + ::archive_error_string(reader.get())};
  }
  archive_entry* header = nullptr;
  int status = ARCHIVE_OK;
  while ((status = ::archive_read_next_header(reader.get(), &header)) == ARCHIVE_OK) {
    if (!visit(reader.get(), header)) return failed("unpack", path, reader.get());
  }
  return status == ARCHIVE_EOF ? base::ok_status()
                               : base::Status(failed("read", path, reader.get()));
}

}  // namespace

Result<std::int64_t> archive_time() {
  const std::string word = base::variable("SOURCE_DATE_EPOCH");
  if (word.empty()) return kFirstTime;
  const auto time = base::parse_number<std::int64_t>(word);
  if (!time || *time < kFirstTime) {
    return Error{ErrorKind::kInvalid,
                 "packaging: read SOURCE_DATE_EPOCH: expected seconds since 1970, at least " +
                     std::to_string(kFirstTime) + ", got '" + word + "'"};
  }
  return *time;
}

Result<std::uint64_t> write_zip(Scratch& scratch, const fs::path& path,
                                const std::vector<Entry>& entries) {
  const auto time = archive_time();
  if (!time) return time.error();
  const auto temporary = scratch.begin_output(path);
  if (!temporary) return temporary.error();
  // A zip holds local times.
  ::setenv("TZ", "UTC0", 1);
  ::tzset();
  const Utf8Names names;
  const Writer writer(::archive_write_new(), ::archive_write_free);
  bool good = ::archive_write_set_format_zip(writer.get()) == ARCHIVE_OK &&
              ::archive_write_set_options(writer.get(), "zip:compression-level=9") == ARCHIVE_OK &&
              ::archive_write_open_filename(writer.get(), temporary.value().c_str()) == ARCHIVE_OK;
  for (auto entry = entries.begin(); good && entry != entries.end(); ++entry) {
    names.judge(entry->path);
    good = write_entry(writer.get(), *entry, time.value());
  }
  if (!good || ::archive_write_close(writer.get()) != ARCHIVE_OK) {
    return failed("write", path, writer.get());
  }
  std::error_code error;
  const std::uint64_t size = fs::file_size(temporary.value(), error);
  if (error) return base::system_error("packaging: write '" + path.string() + "'", error.value());
  if (auto done = scratch.finish_output(temporary.value(), path); !done) return done.error();
  return size;
}

base::Status unpack_zip(const fs::path& path, const fs::path& folder) {
  return for_each_header(path, [&folder](archive* reader, archive_entry* header) {
    return extract(reader, header, folder / ::archive_entry_pathname(header));
  });
}

Result<bool> unpack_file(const fs::path& path, const std::string& name, const fs::path& target) {
  bool found = false;
  const auto read = for_each_header(path, [&](archive* reader, archive_entry* header) {
    if (name != ::archive_entry_pathname(header)) return true;
    found = true;
    return extract(reader, header, target);
  });
  if (!read) return read.error();
  return found;
}

Result<std::set<std::string>> names_in_zip(const fs::path& path) {
  std::set<std::string> names;
  const auto read = for_each_header(path, [&names](archive* /*reader*/, archive_entry* header) {
    names.emplace(::archive_entry_pathname(header));
    return true;
  });
  if (!read) return read.error();
  return names;
}

Result<std::uint64_t> unpacked_size(const fs::path& path) {
  std::uint64_t sum = 0;
  const auto read = for_each_header(path, [&sum](archive* /*reader*/, archive_entry* header) {
    sum += static_cast<std::uint64_t>(::archive_entry_size(header));
    return true;
  });
  if (!read) return read.error();
  return sum;
}

}  // namespace phork::packaging
