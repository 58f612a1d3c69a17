// SPDX-License-Identifier: MIT
#include "php-worker/sapi/secrets.h"

#include <cstdlib>
#include <string>

#include "php-worker/sapi/failure.h"
#include "php-worker/sapi/library.h"
#include "php-worker/sapi/php.h"
#include "runtime/base/settings.h"

namespace phork::sapi {
namespace {

constexpr const char* kVariable = "PHORK_SECRETS";
constexpr const char* kType = "Runtime.SecretsFailed";

// Calls Secrets::load(). May bail out.
void read_secrets(zval* result) {
  zend_class_entry* const scope = load_library_class("Phork\\Secrets\\Secrets");
  if (scope == nullptr) return;
  zend_call_method_with_0_params(nullptr, scope, nullptr, "load", result);
}

// The autoloader loads files of the application, one of which may exit. It is the last one that was
// included, unless it had gone on from there.
event::Failure describe_end() {
  Bailout bailout = describe_bailout();
  zend_string* last = nullptr;
  zend_string* file = nullptr;
  ZEND_HASH_FOREACH_STR_KEY(&EG(included_files), file) {
    if (file != nullptr) last = file;
  }
  ZEND_HASH_FOREACH_END();
  if (bailout.exited && last != nullptr) {
    bailout.failure.type = kType;
    bailout.failure.message = kVariable;
    bailout.failure.message.append(": load the autoloader: exit(")
        .append(std::to_string(EG(exit_status)))
        .append(") was called, in or behind ")
        .append(ZSTR_VAL(last), ZSTR_LEN(last));
  }
  return std::move(bailout.failure);
}

}  // namespace

bool has_secrets() {
  return !base::variable(kVariable).empty();
}

std::optional<event::Failure> load_secrets() {
  zval result;
  ZVAL_UNDEF(&result);
  if (!guarded([&result] { read_secrets(&result); })) return describe_end();
  if (Z_TYPE(result) != IS_ARRAY) {
    const bool told = Z_TYPE(result) == IS_STRING;
    return event::Failure{
        kType, told ? std::string(Z_STRVAL(result), Z_STRLEN(result)) : kVariable, {}};
  }
  zend_string* name = nullptr;
  zval* value = nullptr;
  ZEND_HASH_FOREACH_STR_KEY_VAL(Z_ARRVAL(result), name, value) {
    if (name != nullptr && Z_TYPE_P(value) == IS_STRING) {
      ::setenv(ZSTR_VAL(name), Z_STRVAL_P(value), 1);
    }
  }
  ZEND_HASH_FOREACH_END();
  zval_ptr_dtor(&result);
  return std::nullopt;
}

}  // namespace phork::sapi
