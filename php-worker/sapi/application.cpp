// SPDX-License-Identifier: MIT
#include "php-worker/sapi/application.h"

#include <cstring>

#include "php-worker/sapi/bailout.h"
#include "php-worker/sapi/exchange.h"
#include "php-worker/sapi/failure.h"

namespace phork::sapi {
namespace {

// Compiles and executes `path` at global scope. Leaves an exception pending; may bail out.
void run_file(const char* path, zval* result) {
  zend_file_handle file;
  zend_stream_init_filename(&file, path);
  zend_op_array* code = zend_compile_file(&file, ZEND_REQUIRE);
  if (code != nullptr) {
    zend_hash_add_empty_element(&EG(included_files), code->filename);
    zend_execute(code, result);
    zend_destroy_static_vars(code);
    destroy_op_array(code);
    efree_size(code, sizeof(zend_op_array));
  }
  zend_destroy_file_handle(&file);
}

// Runs a file of the boot; the failure when it does not compile, throws, exits or ends PHP.
std::optional<base::Failure> boot_file(const std::string& path, zval* result) {
  ZVAL_UNDEF(result);
  const char* const name = path.c_str();
  if (!guarded([name, result] { run_file(name, result); })) {
    Bailout bailout = describe_bailout();
    if (bailout.exited) {
      bailout.failure.message =
          "the entry called exit(" + std::to_string(EG(exit_status)) + ") while booting: " + path;
    }
    return std::move(bailout.failure);
  }
  // An exit() while booting unwinds as an exception without a class of its own.
  if (EG(exception) != nullptr && zend_is_unwind_exit(EG(exception))) {
    zend_clear_exception();
    return base::Failure{
        "Runtime.HandlerExited",
        "the entry called exit(" + std::to_string(EG(exit_status)) + ") while booting: " + path,
        {}};
  }
  if (EG(exception) != nullptr) {
    const bool syntax = instanceof_function(EG(exception)->ce, zend_ce_compile_error);
    return take_exception(syntax ? "Runtime.UserCodeSyntaxError" : "");
  }
  return std::nullopt;
}

void add_text(zval* array, const char* key, const std::string& text) {
  add_assoc_stringl(array, key, text.data(), text.size());
}

// array{requestId: string, deadlineMs: int, ...}, as Dispatcher's methods take it.
void make_invocation_array(zval* array, const base::Invocation& invocation) {
  array_init_size(array, 8);
  add_text(array, "requestId", invocation.request_id);
  add_assoc_long(array, "deadlineMs",
                 static_cast<zend_long>(invocation.deadline.time_since_epoch().count()));
  add_text(array, "functionArn", invocation.function_arn);
  add_text(array, "traceId", invocation.trace_id);
  add_text(array, "clientContext", invocation.client_context);
  add_text(array, "cognitoIdentity", invocation.cognito_identity);
  add_text(array, "tenantId", invocation.tenant_id);
}

zend_function* find_method(zval* object, const char* name) {
  return static_cast<zend_function*>(
      zend_hash_str_find_ptr(&Z_OBJCE_P(object)->function_table, name, std::strlen(name)));
}

std::string text_property(zval* object, const char* name) {
  zval storage;
  zval* value = zend_read_property(Z_OBJCE_P(object), Z_OBJ_P(object), name, std::strlen(name),
                                   true, &storage);
  return Z_TYPE_P(value) == IS_STRING ? std::string(Z_STRVAL_P(value), Z_STRLEN_P(value)) : "";
}

// A Phork\Worker\Failure.
base::Failure read_failure(zval* object) {
  base::Failure failure{text_property(object, "type"), text_property(object, "message"), {}};
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

}  // namespace

std::optional<base::Failure> Application::boot(const lambda::Entry& entry,
                                               const std::string& library) {
  zval boot_library;
  if (auto failure = boot_file(library + "/boot.php", &boot_library)) return failure;
  zval returned;
  if (auto failure = boot_file(entry.file, &returned)) return failure;
  return make_dispatcher(&boot_library, &returned, entry.function);
}

std::optional<base::Failure> Application::make_dispatcher(zval* boot_library, zval* entry,
                                                          const std::string& function) {
  zval arguments[2];
  ZVAL_COPY_VALUE(&arguments[0], entry);
  ZVAL_STRINGL(&arguments[1], function.data(), function.size());
  ZVAL_UNDEF(&dispatcher_);
  zval* const made = &dispatcher_;
  if (!guarded([boot_library, made, &arguments] {
        call_user_function(nullptr, nullptr, boot_library, made, 2, arguments);
      })) {
    return describe_bailout().failure;
  }
  zval_ptr_dtor(&arguments[1]);
  if (Z_TYPE(dispatcher_) != IS_OBJECT) {
    return base::Failure{"Runtime.Bug", "php-worker: the PHP library made no dispatcher [bug]", {}};
  }
  // A Failure instead of a Dispatcher says why the entry cannot be used.
  serve_event_ = find_method(&dispatcher_, "serveevent");
  if (serve_event_ == nullptr) return read_failure(&dispatcher_);
  serve_http_ = find_method(&dispatcher_, "servehttp");
  zval kind;
  ZVAL_UNDEF(&kind);
  if (!guarded([made, &kind] {
        zend_call_method_with_0_params(Z_OBJ_P(made), Z_OBJCE_P(made), nullptr, "serves", &kind);
      })) {
    return describe_bailout().failure;
  }
  const bool http = Z_TYPE(kind) == IS_STRING && zend_string_equals_literal(Z_STR(kind), "http");
  zval_ptr_dtor(&kind);
  serves_ = http ? wire::Serves::kHttp : wire::Serves::kEvents;
  return std::nullopt;
}

CallResult Application::call_handler(const base::Invocation& invocation) {
  zval_ptr_dtor(&result_);
  ZVAL_UNDEF(&result_);
  zval arguments[2];
  ZVAL_STRINGL(&arguments[0], invocation.event.data(), invocation.event.size());
  make_invocation_array(&arguments[1], invocation);
  const bool completed = guarded([this, &arguments] {
    zend_call_known_instance_method(serve_event_, Z_OBJ(dispatcher_), &result_, 2, arguments);
  });
  if (!completed) return describe_bailout().failure;
  zval_ptr_dtor(&arguments[0]);
  zval_ptr_dtor(&arguments[1]);
  if (Z_TYPE(result_) == IS_OBJECT) return read_failure(&result_);
  return HandlerAnswer{{Z_STRVAL(result_), Z_STRLEN(result_)}};
}

CallResult Application::call_http(const base::Invocation& invocation) {
  zval argument;
  make_invocation_array(&argument, invocation);
  zval returned;
  ZVAL_UNDEF(&returned);
  const bool completed = guarded([this, &argument, &returned] {
    zend_call_known_instance_method(serve_http_, Z_OBJ(dispatcher_), &returned, 1, &argument);
  });
  if (!completed) {
    Bailout bailout = describe_bailout();
    if (bailout.exited) return HttpDone{};
    return std::move(bailout.failure);
  }
  zval_ptr_dtor(&argument);
  if (Z_TYPE(returned) != IS_OBJECT) return HttpDone{};
  base::Failure failure = read_failure(&returned);
  zval_ptr_dtor(&returned);
  return failure;
}

void Application::call_hook(const char* name) {
  const bool completed = guarded([this, name] {
    zend_call_method(Z_OBJ(dispatcher_), Z_OBJCE(dispatcher_), nullptr, name, std::strlen(name),
                     nullptr, 0, nullptr, nullptr);
  });
  if (!completed) CG(unclean_shutdown) = 0;
}

}  // namespace phork::sapi
