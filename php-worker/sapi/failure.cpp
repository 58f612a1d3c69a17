// SPDX-License-Identifier: MIT
#include "php-worker/sapi/failure.h"

#include <cstring>
#include <string>
#include <string_view>

#include "php-worker/sapi/library.h"
#include "php-worker/sapi/php.h"
#include "php-worker/sapi/server_context.h"

namespace phork::sapi {
namespace {

constexpr std::string_view kOutOfMemory = "Allowed memory size of ";
// PHP sets this exit status before a fatal error bails out.
constexpr int kFatalExitStatus = 255;

std::string text_property(zval* object, const char* name) {
  zval storage;
  zval* value = zend_read_property(Z_OBJCE_P(object), Z_OBJ_P(object), name, std::strlen(name),
                                   true, &storage);
  return Z_TYPE_P(value) == IS_STRING ? std::string(Z_STRVAL_P(value), Z_STRLEN_P(value)) : "";
}

}  // namespace

Bailout describe_bailout() {
  const ServerContext& context = current_context();
  if (context.timed_out && !context.waited.empty()) {
    return {{"Function.Timeout", context.fatal.message, {}}, false};
  }
  if (context.timed_out) {
    return {{"Function.Timeout",
             context.fatal.message + "; PHP was interrupted in " + context.fatal.file + ":" +
                 std::to_string(context.fatal.line),
             {}},
            false};
  }
  if (!context.has_fatal || EG(exit_status) != kFatalExitStatus) {
    return {{"Runtime.HandlerExited",
             "the handler called exit(" + std::to_string(EG(exit_status)) +
                 "); a handler ends by returning its result",
             {}},
            true};
  }
  const FatalError& fatal = context.fatal;
  const bool out_of_memory = fatal.message.starts_with(kOutOfMemory);
  return {{out_of_memory ? "Runtime.PhpOutOfMemory" : "Runtime.PhpFatal",
           fatal.message + " in " + fatal.file + ":" + std::to_string(fatal.line),
           {fatal.file + ":" + std::to_string(fatal.line)}},
          false};
}

event::Failure take_exception() {
  zval thrown;
  ZVAL_OBJ_COPY(&thrown, EG(exception));
  zend_clear_exception();
  zval described;
  ZVAL_UNDEF(&described);
  const bool completed = guarded([&thrown, &described] {
    zend_class_entry* const scope = load_library_class("Phork\\Worker\\Failure");
    zend_call_method_with_1_params(nullptr, scope, nullptr, "ofentry", &described, &thrown);
  });
  if (!completed || Z_TYPE(described) != IS_OBJECT) return describe_bailout().failure;
  zval_ptr_dtor(&thrown);
  event::Failure failure = read_failure(&described);
  zval_ptr_dtor(&described);
  return failure;
}

event::Failure read_failure(zval* object) {
  event::Failure failure{text_property(object, "type"), text_property(object, "message"), {}};
  zval storage;
  zval* trace = zend_read_property(Z_OBJCE_P(object), Z_OBJ_P(object), "stackTrace",
                                   sizeof("stackTrace") - 1, true, &storage);
  if (Z_TYPE_P(trace) != IS_ARRAY) return failure;
  zval* line = nullptr;
  ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(trace), line) {
    if (Z_TYPE_P(line) == IS_STRING) {
      failure.stack_trace.emplace_back(Z_STRVAL_P(line), Z_STRLEN_P(line));
    }
  }
  ZEND_HASH_FOREACH_END();
  return failure;
}

}  // namespace phork::sapi
