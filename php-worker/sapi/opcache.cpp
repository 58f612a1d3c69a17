// SPDX-License-Identifier: MIT
#include "php-worker/sapi/opcache.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "php-worker/sapi/php.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {
namespace {

using CompileFile = zend_op_array* (*)(zend_file_handle*, int);
using OpenFile = zend_result (*)(zend_file_handle*);
using StoreClass = decltype(zend_inheritance_cache_add);

constexpr const char* kModule = "zend opcache";

// Without opcache, as they were before opcache took their place.
CompileFile compile_plainly = nullptr;
OpenFile open_plainly = nullptr;

// Of opcache; null where there is none.
CompileFile compile_cached = nullptr;
StoreClass store_class = nullptr;
zif_handler reset = nullptr;
zif_handler invalidate = nullptr;
zif_handler compile = nullptr;
zif_handler get_status = nullptr;

zif_handler change_root = nullptr;
zif_handler leave_namespaces = nullptr;

// True when this process may find other files under a path than others do.
bool has_other_files = false;

bool serves = false;
// True when opcache may have found since then that it needs a restart.
bool is_used = false;

// Zend's post-startup hook. opcache sets its own while its module starts, which calls this one
// first and then puts its compiler in front of PHP's.
zend_result note_compiler() {
  compile_plainly = zend_compile_file;
  open_plainly = zend_stream_open_function;
  return SUCCESS;
}

bool has_scheme(std::string_view path) {
  return path.find("://") != std::string_view::npos;
}

// True with a scheme that opcache, too, takes for one of files.
bool has_foreign_scheme(std::string_view path) {
  return has_scheme(path) && !path.starts_with("file://") && !path.starts_with("phar://");
}

// True when the scheme's wrapper is PHP's own, and not one of PHP code.
bool is_of_php(const char* scheme) {
  const std::size_t length = std::strlen(scheme);
  return zend_hash_str_find_ptr(php_stream_get_url_stream_wrappers_hash(), scheme, length) ==
         zend_hash_str_find_ptr(php_stream_get_url_stream_wrappers_hash_global(), scheme, length);
}

// True when opcache may keep the code that is found under this name. opcache knows code by its
// path, whoever has opened it, and a wrapper of PHP code decides what is in a file, and what its
// path is. So no such wrapper may come into play: neither in place of PHP's own, nor by a scheme in
// the name or in a folder where PHP looks for a relative one.
bool may_be_cached(const zend_string* name) {
  if (has_other_files) return false;
  const bool only_php =
      php_stream_get_url_stream_wrappers_hash() == php_stream_get_url_stream_wrappers_hash_global();
  if (only_php) return true;
  if (!is_of_php("file") || !is_of_php("phar")) return false;
  const std::string_view path(ZSTR_VAL(name), ZSTR_LEN(name));
  if (path.starts_with('/')) return true;
  if (has_scheme(path)) return !has_foreign_scheme(path);
  const bool searches_elsewhere = PG(include_path) != nullptr && has_scheme(PG(include_path));
  return !searches_elsewhere && !has_foreign_scheme(zend_get_executed_filename());
}

// As PHP does without opcache. opcache's function to open a file would take one that it has cached
// for open.
zend_op_array* compile_uncached(zend_file_handle* file, int type) {
  if (file->type == ZEND_HANDLE_FILENAME) {
    if (file->opened_path != nullptr) zend_string_release(file->opened_path);
    file->opened_path = nullptr;
    if (open_plainly(file) == FAILURE) {
      const auto failure =
          type == ZEND_REQUIRE ? ZMSG_FAILED_REQUIRE_FOPEN : ZMSG_FAILED_INCLUDE_FOPEN;
      if (EG(exception) == nullptr) zend_message_dispatcher(failure, ZSTR_VAL(file->filename));
      return nullptr;
    }
  }
  return compile_plainly(file, type);
}

zend_op_array* compile_file(zend_file_handle* file, int type) {
  if (file->filename != nullptr && !may_be_cached(file->filename)) {
    return compile_uncached(file, type);
  }
  is_used = true;
  return compile_cached(file, type);
}

zend_class_entry* note_class(zend_class_entry* declared, zend_class_entry* linked,
                             zend_class_entry* parent, zend_class_entry** others,
                             HashTable* dependencies) {
  is_used = true;
  return store_class(declared, linked, parent, others, dependencies);
}

void opcache_reset(INTERNAL_FUNCTION_PARAMETERS) {
  if (serves) {
    is_used = true;
    reset(INTERNAL_FUNCTION_PARAM_PASSTHRU);
    return;
  }
  ZEND_PARSE_PARAMETERS_NONE();
  RETURN_BOOL(INI_BOOL("opcache.enable"));
}

void opcache_invalidate(INTERNAL_FUNCTION_PARAMETERS) {
  is_used = true;
  invalidate(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

// It would only fill the cache.
void opcache_compile_file(INTERNAL_FUNCTION_PARAMETERS) {
  const bool has_name =
      ZEND_NUM_ARGS() == 1 && Z_TYPE_P(ZEND_CALL_ARG(execute_data, 1)) == IS_STRING;
  if (has_name && !may_be_cached(Z_STR_P(ZEND_CALL_ARG(execute_data, 1)))) RETURN_FALSE;
  is_used = true;
  compile(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

void note_chroot(INTERNAL_FUNCTION_PARAMETERS) {
  has_other_files = true;
  change_root(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

void note_unshare(INTERNAL_FUNCTION_PARAMETERS) {
  has_other_files = true;
  leave_namespaces(INTERNAL_FUNCTION_PARAM_PASSTHRU);
}

// Nothing for a function that php.ini disables: no code can call it.
void replace_function(const char* name, zif_handler handler, zif_handler* replaced) {
  auto* const function = static_cast<zend_function*>(
      zend_hash_str_find_ptr(CG(function_table), name, std::strlen(name)));
  if (function == nullptr || function->type != ZEND_INTERNAL_FUNCTION) return;
  *replaced = std::exchange(function->internal_function.handler, handler);
}

// As long as this lives, opcache answers this process's own questions, whatever scripts
// opcache.restrict_api allows to ask.
class Unrestricted : private base::Pinned {
 public:
  Unrestricted() : setting_(find()) { set(zend_empty_string); }

  ~Unrestricted() {
    if (setting_ != nullptr) set(setting_->value);
  }

 private:
  static zend_ini_entry* find() {
    constexpr const char* kName = "opcache.restrict_api";
    auto* const entry = static_cast<zend_ini_entry*>(
        zend_hash_str_find_ptr(EG(ini_directives), kName, std::strlen(kName)));
    return entry == nullptr || entry->value == nullptr ? nullptr : entry;
  }

  void set(zend_string* value) const {
    if (setting_ == nullptr || setting_->on_modify == nullptr) return;
    setting_->on_modify(setting_, value, setting_->mh_arg1, setting_->mh_arg2, setting_->mh_arg3,
                        ZEND_INI_STAGE_STARTUP);
  }

  zend_ini_entry* const setting_;
};

// Calls opcache_get_status(false) by its handler: php.ini may have disabled the name, and an
// observer of function calls has no business here. May bail out.
bool ask_opcache() {
  static zend_function function;
  function.type = ZEND_INTERNAL_FUNCTION;
  function.internal_function.function_name = zend_empty_string;
  zval status;
  ZVAL_UNDEF(&status);
  zend_execute_data* const call =
      zend_vm_stack_push_call_frame(ZEND_CALL_TOP_FUNCTION, &function, 1, nullptr);
  ZVAL_FALSE(ZEND_CALL_ARG(call, 1));
  call->prev_execute_data = std::exchange(EG(current_execute_data), call);
  get_status(call, &status);
  EG(current_execute_data) = call->prev_execute_data;
  zend_vm_stack_free_call_frame(call);
  const zval* const pending =
      Z_TYPE(status) == IS_ARRAY
          ? zend_hash_str_find(Z_ARRVAL(status), "restart_pending", sizeof("restart_pending") - 1)
          : nullptr;
  const bool is_pending = pending != nullptr && Z_TYPE_P(pending) == IS_TRUE;
  zval_ptr_dtor(&status);
  return is_pending;
}

}  // namespace

void prepare_opcache_guard() {
  zend_post_startup_cb = note_compiler;
}

void guard_opcache() {
  get_status = find_function(kModule, "opcache_get_status");
  if (get_status == nullptr || zend_compile_file == compile_plainly) return;
  compile_cached = std::exchange(zend_compile_file, compile_file);
  if (zend_inheritance_cache_add != nullptr) {
    store_class = std::exchange(zend_inheritance_cache_add, note_class);
  }
  replace_function("opcache_reset", opcache_reset, &reset);
  replace_function("opcache_invalidate", opcache_invalidate, &invalidate);
  replace_function("opcache_compile_file", opcache_compile_file, &compile);
  replace_function("chroot", note_chroot, &change_root);
  replace_function("pcntl_unshare", note_unshare, &leave_namespaces);
}

void begin_to_serve_with_opcache() {
  serves = true;
}

bool opcache_awaits_restart() {
  if (!std::exchange(is_used, false)) return false;
  zend_execute_data* const running = EG(current_execute_data);
  bool awaits = false;
  bool* const result = &awaits;
  const Silence silence;
  const Unrestricted unrestricted;
  if (guarded([result] { *result = ask_opcache(); })) return awaits;
  CG(unclean_shutdown) = 0;
  EG(current_execute_data) = running;
  return false;
}

}  // namespace phork::sapi
