// SPDX-License-Identifier: MIT
#include "php-worker/sapi/boot_variables.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "runtime/event/invocation.h"

namespace phork::sapi {
namespace {

// The changes of one superglobal by key: a value, or IS_PTR where boot has removed the entry.
// Null without changes.
HashTable* environment_changes = nullptr;
HashTable* server_changes = nullptr;

zval* find_global(const char* name) {
  zval* const global = zend_hash_str_find_ind(&EG(symbol_table), name, std::strlen(name));
  if (global == nullptr) return nullptr;
  zval* const value = Z_ISREF_P(global) ? Z_REFVAL_P(global) : global;
  return Z_TYPE_P(value) == IS_ARRAY ? value : nullptr;
}

zval* find(const HashTable* table, zend_string* name, zend_ulong index) {
  return name != nullptr ? zend_hash_find(table, name) : zend_hash_index_find(table, index);
}

void put(HashTable* table, zend_string* name, zend_ulong index, zval* value) {
  if (name != nullptr) {
    zend_hash_update(table, name, value);
  } else {
    zend_hash_index_update(table, index, value);
  }
}

bool is_of_event(const zend_string* name) {
  return name != nullptr &&
         std::string_view(ZSTR_VAL(name), ZSTR_LEN(name)) == event::kTraceVariable;
}

// `made` is the array as PHP made it, which boot's writes have separated from the global.
HashTable* compare(const zval& made, const char* global) {
  const zval* const now = find_global(global);
  if (Z_TYPE(made) != IS_ARRAY || now == nullptr || Z_ARR(made) == Z_ARR_P(now)) return nullptr;
  HashTable* const changes = zend_new_array(0);
  zend_ulong index = 0;
  zend_string* name = nullptr;
  zval* value = nullptr;
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARR_P(now), index, name, value) {
    ZVAL_DEREF(value);
    zval* const before = find(Z_ARR(made), name, index);
    if (is_of_event(name) || (before != nullptr && zend_is_identical(before, value))) continue;
    zval kept;
    ZVAL_COPY(&kept, value);
    put(changes, name, index, &kept);
  }
  ZEND_HASH_FOREACH_END();
  ZEND_HASH_FOREACH_KEY_VAL(Z_ARR(made), index, name, value) {
    if (is_of_event(name) || find(Z_ARR_P(now), name, index) != nullptr) continue;
    zval removed;
    ZVAL_PTR(&removed, nullptr);
    put(changes, name, index, &removed);
  }
  ZEND_HASH_FOREACH_END();
  return changes;
}

void forget(HashTable*& changes) {
  if (changes != nullptr) zend_array_destroy(std::exchange(changes, nullptr));
}

void repeat(HashTable* changes, zval* array) {
  if (changes == nullptr) return;
  SEPARATE_ARRAY(array);
  zend_ulong index = 0;
  zend_string* name = nullptr;
  zval* value = nullptr;
  ZEND_HASH_FOREACH_KEY_VAL(changes, index, name, value) {
    if (Z_TYPE_P(value) != IS_PTR) {
      Z_TRY_ADDREF_P(value);
      put(Z_ARR_P(array), name, index, value);
    } else if (name != nullptr) {
      zend_hash_del(Z_ARR_P(array), name);
    } else {
      zend_hash_index_del(Z_ARR_P(array), index);
    }
  }
  ZEND_HASH_FOREACH_END();
}

}  // namespace

void keep_boot_variables() {
  forget_boot_variables();
  environment_changes = compare(PG(http_globals)[TRACK_VARS_ENV], "_ENV");
  server_changes = compare(PG(http_globals)[TRACK_VARS_SERVER], "_SERVER");
}

void forget_boot_variables() {
  forget(environment_changes);
  forget(server_changes);
}

void add_boot_server_variables(zval* server) {
  repeat(server_changes, server);
}

void add_boot_environment() {
  if (zval* const environment = find_global("_ENV")) repeat(environment_changes, environment);
}

}  // namespace phork::sapi
