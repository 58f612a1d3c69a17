// SPDX-License-Identifier: MIT
#include "php-worker/sapi/file_cache.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "php-worker/sapi/php.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/base/text.h"

namespace phork::sapi {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;

constexpr const char* kVariable = "PHORK_FILE_CACHE";
constexpr const char* kFolder = "opcache.file_cache";
// `phork package` leaves this file in the folder.
constexpr const char* kPackageMark = "packaged";

struct Choice {
  std::string folder;
  bool is_told = false;  // by the user
};

// Without a folder there is to be no cache.
Choice choose() {
  const std::string word = base::variable(kVariable);
  if (word == "off") return {};
  const fs::path root = base::variable("LAMBDA_TASK_ROOT");
  const bool is_told = !word.empty() && word != "auto";
  return {(root / (is_told ? word : ".phork/opcache")).string(), is_told};
}

// True when this user can write to the folder, or could after a chmod.
bool can_write(const std::string& folder) {
  if (::access(folder.c_str(), W_OK) == 0) return true;
  if (errno == EROFS) return false;

  struct stat info {};

  return ::stat(folder.c_str(), &info) != 0 || info.st_uid == ::geteuid();
}

zend_ini_entry* find_entry(const char* name) {
  return static_cast<zend_ini_entry*>(
      zend_hash_str_find_ptr(EG(ini_directives), name, std::strlen(name)));
}

// Sets a value for the life of the process, as a line of php.ini does. `accept` stores it.
void set(const char* name, const std::string& value, ZEND_INI_MH((*accept))) {
  zend_ini_entry* const entry = find_entry(name);
  if (entry == nullptr) return;
  zend_string* const text = zend_string_init(value.data(), value.size(), true);
  accept(entry, text, entry->mh_arg1, entry->mh_arg2, entry->mh_arg3, ZEND_INI_STAGE_STARTUP);
  entry->value = text;
}

void use(const std::string& folder) {
  // Not through opcache's own check, which refuses a folder that cannot be written. A file that
  // cannot be written is passed over.
  // https://github.com/php/php-src/blob/PHP-8.2/ext/opcache/zend_accelerator_module.c
  set(kFolder, folder, OnUpdateString);
  // Without this, PHP would run the compiled code of a source that has changed. In a package,
  // sources
  // and compiled code were made together, and unpacking it may give files another time.
  std::error_code ignored;
  const bool is_package = fs::exists(fs::path(folder) / kPackageMark, ignored);
  set("opcache.validate_timestamps", is_package ? "0" : "1", OnUpdateBool);
}

// PHP writes the time of its request into each compiled file.
zend_result take_build_time(double* time) {
  const auto seconds = base::parse_number<std::int64_t>(base::variable("SOURCE_DATE_EPOCH"));
  if (!seconds) return FAILURE;
  *time = static_cast<double>(*seconds);
  return SUCCESS;
}

base::Status start_writing(const std::string& folder) {
  if (folder.empty()) {
    return Error{ErrorKind::kInvalid,
                 "php-worker: compile: PHORK_FILE_CACHE is off: expected a "
                 "folder, or no value"};
  }
  if (find_entry(kFolder) == nullptr || !INI_BOOL("opcache.enable")) {
    return Error{ErrorKind::kInvalid, "php-worker: compile: PHP has no opcache: load it"};
  }
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return base::system_error("php-worker: make folder '" + folder + "'", error.value());
  use(folder);
  sapi_module.get_request_time = take_build_time;
  // Sources may have been written a moment ago, by the same build.
  set("opcache.file_update_protection", "0", OnUpdateLong);
  return base::ok_status();
}

}  // namespace

base::Status open_file_cache(FileCache use_as) {
  const Choice choice = choose();
  if (use_as == FileCache::kWrite) return start_writing(choice.folder);
  const zend_ini_entry* const entry = find_entry(kFolder);
  const bool is_theirs = entry != nullptr && entry->value != nullptr && ZSTR_LEN(entry->value) != 0;
  if (choice.folder.empty() || is_theirs) return base::ok_status();
  std::error_code ignored;
  if (!fs::is_directory(choice.folder, ignored)) {
    if (choice.is_told) {
      base::log_warn("php-worker: read PHORK_FILE_CACHE: expected a folder, got '" + choice.folder +
                     "'; code is compiled");
    }
  } else if (can_write(choice.folder)) {
    base::log_info("php-worker: file cache '" + choice.folder +
                   "' is not used, because this process, and so an event, could write to it");
  } else {
    use(choice.folder);
    // Nobody writes there; as any program does, PHP trusts what it reads, if the length is right.
    set("opcache.file_cache_consistency_checks", "0", OnUpdateBool);
  }
  return base::ok_status();
}

base::Status publish_file_cache() {
  // PHP makes folders and files for their owner alone.
  constexpr auto kRead = fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
  constexpr auto kEnter = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  const std::string folder = choose().folder;
  std::error_code error;
  fs::permissions(folder, kRead | kEnter, fs::perm_options::add, error);
  for (auto at = fs::recursive_directory_iterator(folder, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    fs::permissions(*at, at->is_directory() ? kRead | kEnter : kRead, fs::perm_options::add, error);
  }
  if (error) return base::system_error("php-worker: publish '" + folder + "'", error.value());
  return base::ok_status();
}

}  // namespace phork::sapi
