// SPDX-License-Identifier: MIT
#include "php-worker/sapi/php.h"

#include <cstring>

namespace phork::sapi {
namespace {

const zend_module_entry* find_module(const char* name) {
  return static_cast<const zend_module_entry*>(
      zend_hash_str_find_ptr(&module_registry, name, std::strlen(name)));
}

}  // namespace

bool has_module(const char* name) {
  return find_module(name) != nullptr;
}

zif_handler find_function(const char* module, const char* name) {
  const zend_module_entry* const found = find_module(module);
  const zend_function_entry* entry = found == nullptr ? nullptr : found->functions;
  while (entry != nullptr && entry->fname != nullptr && std::strcmp(entry->fname, name) != 0) {
    ++entry;
  }
  return entry == nullptr || entry->fname == nullptr ? nullptr : entry->handler;
}

void start_module_request(const char* name) {
  const zend_module_entry* module = find_module(name);
  if (module != nullptr && module->request_startup_func != nullptr) {
    module->request_startup_func(module->type, module->module_number);
  }
}

void end_module_request(const char* name) {
  const zend_module_entry* module = find_module(name);
  if (module != nullptr && module->request_shutdown_func != nullptr) {
    module->request_shutdown_func(module->type, module->module_number);
  }
}

}  // namespace phork::sapi
