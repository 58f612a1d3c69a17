// SPDX-License-Identifier: MIT
#include "php-worker/sapi/library.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace phork::sapi {
namespace {

using Autoload = zend_class_entry* (*)(zend_string*, zend_string*);

constexpr std::string_view kNamespace = "Phork\\";

Autoload next_autoload = nullptr;

std::string& library_folder() {
  static std::string folder;
  return folder;
}

void execute(const char* path) {
  zval result;
  ZVAL_UNDEF(&result);
  execute_file(path, false, &result);
  zval_ptr_dtor(&result);
}

// Numbers from `first` on are given out again, unless one of them is in use.
void give_back_resources(zend_long first) {
  HashTable& resources = EG(regular_list);
  for (zend_long number = first; number < resources.nNextFreeElement; ++number) {
    if (zend_hash_index_exists(&resources, static_cast<zend_ulong>(number))) return;
  }
  resources.nNextFreeElement = first;
}

// Leaves no trace but the file's declarations. False when PHP bailed out.
bool run(const std::string& path) {
  char* const allowed = std::exchange(PG(open_basedir), nullptr);
  const zend_long first_resource = EG(regular_list).nNextFreeElement;
  const char* const name = path.c_str();
  const bool completed = guarded([name] { execute(name); });
  PG(open_basedir) = allowed;
  zend_hash_str_del(&EG(included_files), path.data(), path.size());
  give_back_resources(first_resource);
  return completed;
}

// False when PHP bailed out.
bool run_if_there(std::string_view name) {
  std::string path = library_folder() + "/" + std::string(name) + ".php";
  std::ranges::replace(path, '\\', '/');
  return ::access(path.c_str(), R_OK) != 0 || run(path);
}

zend_class_entry* load_class(zend_string* name, zend_string* lower_name) {
  const std::string_view full(ZSTR_VAL(name), ZSTR_LEN(name));
  if (full.starts_with(kNamespace)) {
    if (!run_if_there(full.substr(kNamespace.size()))) zend_bailout();
    void* const loaded = zend_hash_find_ptr(EG(class_table), lower_name);
    if (loaded != nullptr) return static_cast<zend_class_entry*>(loaded);
  }
  return next_autoload(name, lower_name);
}

}  // namespace

void use_library(const std::string& folder) {
  library_folder() = folder;
  if (next_autoload == nullptr) next_autoload = std::exchange(zend_autoload, load_class);
}

void declare_library_functions(const char* file) {
  if (!run_if_there(file)) zend_bailout();
}

zend_class_entry* load_library_class(const char* name) {
  zend_string* const text = zend_string_init(name, std::strlen(name), false);
  zend_class_entry* const found = zend_lookup_class(text);
  zend_string_release(text);
  return found;
}

bool has_used_class(const char* lower_name) {
  return zend_hash_str_exists(EG(class_table), lower_name, std::strlen(lower_name));
}

}  // namespace phork::sapi
