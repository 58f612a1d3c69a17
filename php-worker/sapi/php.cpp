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

void execute_file(const char* path, bool listed, zval* result) {
  zend_file_handle file;
  zend_stream_init_filename(&file, path);
  zend_op_array* const code = zend_compile_file(&file, ZEND_REQUIRE);
  // A worker script would keep the file open as long as it runs.
  zend_destroy_file_handle(&file);
  if (code != nullptr) {
    if (listed) zend_hash_add_empty_element(&EG(included_files), code->filename);
    // Otherwise the variables would be those of the calling function.
    zend_execute_data* const caller = std::exchange(EG(current_execute_data), nullptr);
    zend_execute(code, result);
    EG(current_execute_data) = caller;
    zend_destroy_static_vars(code);
    destroy_op_array(code);
    efree_size(code, sizeof(zend_op_array));
  }
}

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
