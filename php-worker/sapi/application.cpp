// SPDX-License-Identifier: MIT
#include "php-worker/sapi/application.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <span>

#include "php-worker/sapi/failure.h"
#include "php-worker/sapi/library.h"
#include "php-worker/sapi/php.h"
#include "php-worker/sapi/server_context.h"
#include "php-worker/sapi/worker_script.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"

namespace phork::sapi {
namespace {

constexpr const char* kLoopCall = "frankenphp_handle_request()";

// Runs the request's script as php-fpm does: in its own folder, between the files of
// auto_prepend_file and auto_append_file. PHP itself reports errors, and ends code that bails out.
CallResult run_script() {
  const char* const path = current_context().variable("SCRIPT_FILENAME");
  const bool completed = guarded([path] {
    zend_file_handle file;
    zend_stream_init_filename(&file, path);
    file.primary_script = true;
    SG(options) &= ~SAPI_OPTION_NO_CHDIR;
    php_execute_script(&file);
    zend_destroy_file_handle(&file);
  });
  SG(options) |= SAPI_OPTION_NO_CHDIR;
  const ServerContext& context = current_context();
  if (context.has_fatal && context.fatal.message.find(kLoopCall) != std::string::npos) {
    base::log_warn(
        "php-worker: run the script: it asks for requests as a worker script of FrankenPHP does, "
        "and was taken for one that runs for each: set PHORK_ENTRY=worker");
  }
  // PHP has answered with a 500, unless the beginning of the response had already left.
  const bool broken_off = context.stream_begun && context.has_fatal && EG(exit_status) != 0;
  if (!completed || context.timed_out || broken_off) return describe_bailout().failure;
  return HttpDone{};
}

std::string exited_at_boot(const std::string& path) {
  return "the entry called exit(" + std::to_string(EG(exit_status)) + ") while booting: " + path;
}

event::Failure describe_boot_bailout(const std::string& path) {
  Bailout bailout = describe_bailout();
  if (bailout.exited) bailout.failure.message = exited_at_boot(path);
  return std::move(bailout.failure);
}

// Runs a file of the boot. Returns the failure when it does not compile, throws, exits or ends PHP.
std::optional<event::Failure> boot_file(const std::string& path, zval* result) {
  ZVAL_UNDEF(result);
  const char* const name = path.c_str();
  if (!guarded([name, result] { execute_file(name, true, result); })) {
    return describe_boot_bailout(path);
  }
  // An exit() while booting unwinds as an exception that has no class of its own.
  if (EG(exception) != nullptr && zend_is_unwind_exit(EG(exception))) {
    zend_clear_exception();
    return event::Failure{"Runtime.HandlerExited", exited_at_boot(path), {}};
  }
  if (EG(exception) != nullptr) return take_exception();
  return std::nullopt;
}

// Included files that `is_hidden` is true for are listed no more, and can be included once more.
template <typename F>
void forget_files(const F& is_hidden) {
  zend_string* file = nullptr;
  ZEND_HASH_FOREACH_STR_KEY(&EG(included_files), file) {
    if (file != nullptr && is_hidden(std::string_view(ZSTR_VAL(file), ZSTR_LEN(file)))) {
      zend_hash_del(&EG(included_files), file);
    }
  }
  ZEND_HASH_FOREACH_END();
}

constexpr const char* kDispatcher = "Phork\\Worker\\Dispatcher";
constexpr const char* kWorkerScript = "Phork\\Bridge\\FrankenPhp\\WorkerScript";
constexpr const char* kHookCalls = "Phork\\Worker\\HookCalls";
constexpr const char* kRecorder = "Phork\\Worker\\StateRecorder";

// Calls a static method of our library. Leaves `result` undefined when there is none [bug]. May
// bail out.
void call_library(const char* class_name, const char* method, zval* result,
                  std::span<zval> arguments) {
  zend_class_entry* const scope = load_library_class(class_name);
  if (scope == nullptr) return;
  auto* const function = static_cast<zend_function*>(
      zend_hash_str_find_ptr(&scope->function_table, method, std::strlen(method)));
  if (function == nullptr) return;
  zend_call_known_function(function, nullptr, scope, result,
                           static_cast<std::uint32_t>(arguments.size()), arguments.data(), nullptr);
}

void add_text(zval* array, const char* key, const std::string& text) {
  add_assoc_stringl(array, key, text.data(), text.size());
}

// array{requestId: string, deadlineMs: int, ...}, as Dispatcher's methods take it.
void make_invocation_array(zval* array, const event::Invocation& invocation) {
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

}  // namespace

std::optional<event::Failure> Application::boot(const EntryPoint& entry,
                                                const std::string& library) {
  const bool script = entry.kind == base::EntryKind::kScript;
  ZVAL_UNDEF(&dispatcher_);
  ZVAL_UNDEF(&result_);
  record_file_ = base::variable("PHORK_AUDIT_RECORD");
  use_library(library);
  if (!guarded([] { declare_library_functions("functions"); })) return describe_bailout().failure;
  zval returned;
  ZVAL_NULL(&returned);
  if (!entry.preboot_file.empty()) {
    if (auto failure = boot_file(entry.preboot_file, &returned)) return failure;
    zval_ptr_dtor(&returned);
  }
  const bool console = entry.kind == base::EntryKind::kConsole;
  const bool worker = entry.kind == base::EntryKind::kWorker;
  if (console || worker) {
    // A console's file runs for each command. The frames of a worker script's stay on a stack of
    // their own, until it asks for no more requests.
    if (worker && !guarded(declare_worker_functions)) return describe_bailout().failure;
    ZVAL_STRING(&returned, entry.files.entry_file.c_str());
  } else if (!script) {
    if (auto failure = boot_file(entry.files.entry_file, &returned)) return failure;
  }
  if (auto failure = load_recorder()) return failure;
  if (script) {
    serves_ = Serves::kScripts;
    return run_boot_hooks();
  }
  if (auto failure = make_dispatcher(&returned, entry)) return failure;
  // symfony/runtime returns early from the console when somebody else has included this file.
  if (console) forget_files([](auto file) { return file.ends_with("/vendor/autoload.php"); });
  if (auto failure = ask_what_it_serves()) return failure;
  return run_boot_hooks();
}

std::optional<event::Failure> Application::load_recorder() {
  const std::string probe = base::variable("PHORK_AUDIT_PROBE");
  if (probe.empty()) return std::nullopt;
  zval nothing;
  ZVAL_UNDEF(&nothing);
  if (!guarded([&nothing] { call_library(kRecorder, "load", &nothing, {}); })) {
    return describe_bailout().failure;
  }
  // The auditor's files must not be listed before the script: on any server the first included file
  // is the script, and some code relies on that.
  forget_files([folder = probe + "/"](std::string_view file) { return file.starts_with(folder); });
  return std::nullopt;
}

std::optional<event::Failure> Application::make_dispatcher(zval* returned,
                                                           const EntryPoint& entry) {
  std::array<zval, 2> arguments;
  ZVAL_COPY_VALUE(&arguments[0], returned);
  ZVAL_STRINGL(&arguments[1], entry.function.data(), entry.function.size());
  const char* const maker = entry.kind == base::EntryKind::kWorker ? kWorkerScript : kDispatcher;
  const char* const method = entry.kind == base::EntryKind::kConsole ? "bootconsole" : "boot";
  if (!guarded([&] { call_library(maker, method, &dispatcher_, arguments); })) {
    return describe_boot_bailout(entry.files.entry_file);
  }
  zval_ptr_dtor(&arguments[1]);
  if (Z_TYPE(dispatcher_) != IS_OBJECT) {
    return event::Failure{
        "Runtime.Bug", "php-worker: the PHP library made no dispatcher [bug]", {}};
  }
  // If the object is not a dispatcher, it is a Failure that says why the entry cannot be used.
  if (find_method(&dispatcher_, "runhooks") == nullptr) return read_failure(&dispatcher_);
  return std::nullopt;
}

std::optional<event::Failure> Application::ask_what_it_serves() {
  serve_event_ = find_method(&dispatcher_, "serveevent");
  serve_http_ = find_method(&dispatcher_, "servehttp");
  zval* const dispatcher = &dispatcher_;
  zval kind;
  ZVAL_UNDEF(&kind);
  if (!guarded([dispatcher, &kind] {
        zend_call_known_instance_method_with_0_params(find_method(dispatcher, "serves"),
                                                      Z_OBJ_P(dispatcher), &kind);
      })) {
    return describe_bailout().failure;
  }
  const bool http = Z_TYPE(kind) == IS_STRING && zend_string_equals_literal(Z_STR(kind), "http");
  zval_ptr_dtor(&kind);
  serves_ = http ? Serves::kHttp : Serves::kEvents;
  return std::nullopt;
}

CallResult Application::call_handler(const event::Invocation& invocation) {
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
  if (Z_TYPE(result_) == IS_NULL) return StreamDone{};
  return HandlerAnswer{{Z_STRVAL(result_), Z_STRLEN(result_)}};
}

CallResult Application::call_http(const event::Invocation& invocation) {
  if (is_script()) return run_script();
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
  event::Failure failure = read_failure(&returned);
  zval_ptr_dtor(&returned);
  return failure;
}

void Application::record_state() {
  if (record_file_.empty()) return;
  std::array<zval, 2> arguments;
  ZVAL_STRINGL(&arguments[0], record_file_.data(), record_file_.size());
  ZVAL_NULL(&arguments[1]);
  if (!Z_ISUNDEF(dispatcher_)) ZVAL_COPY_VALUE(&arguments[1], &dispatcher_);
  zval nothing;
  ZVAL_UNDEF(&nothing);
  if (!guarded(
          [&nothing, &arguments] { call_library(kRecorder, "record", &nothing, arguments); })) {
    CG(unclean_shutdown) = 0;
  }
  zval_ptr_dtor(&arguments[0]);
}

std::optional<event::Failure> Application::run_boot_hooks() {
  auto failure = run_hooks("Phork\\onBoot");
  if (failure || Z_ISUNDEF(dispatcher_)) return failure;
  has_before_hooks_ = has_hooks("Phork\\onBeforeEvent");
  has_after_hooks_ = has_hooks("Phork\\onAfterEvent");
  return std::nullopt;
}

std::optional<event::Failure> Application::run_before_hooks(const event::Invocation& invocation) {
  if (!has_before_hooks_) return std::nullopt;
  std::array<zval, 2> arguments;
  ZVAL_STRING(&arguments[0], "Phork\\onBeforeEvent");
  make_invocation_array(&arguments[1], invocation);
  return call_hooks("runhooks", "Phork\\onBeforeEvent", arguments);
}

void Application::run_after_hooks(const event::Invocation& invocation, bool failed) {
  std::array<zval, 2> arguments;
  make_invocation_array(&arguments[0], invocation);
  ZVAL_BOOL(&arguments[1], failed);
  const auto failure = call_hooks("runafterhooks", "Phork\\onAfterEvent", arguments);
  if (failure) event::log_failure("php-worker: after the event", *failure);
}

std::optional<event::Failure> Application::run_fork_hooks() {
  return has_fork_hooks_ ? run_hooks("Phork\\onFork") : std::nullopt;
}

std::optional<event::Failure> Application::run_seal_hooks() {
  auto failure = run_hooks("Phork\\onSeal");
  has_fork_hooks_ = !failure && has_hooks("Phork\\onFork");
  return failure;
}

std::optional<event::Failure> Application::run_snapshot_hooks() {
  auto failure = run_hooks("Phork\\onSnapshot");
  has_restore_hooks_ = !failure && has_hooks("Phork\\onRestore");
  return failure;
}

std::optional<event::Failure> Application::run_restore_hooks() {
  return has_restore_hooks_ ? run_hooks("Phork\\onRestore") : std::nullopt;
}

void Application::run_shutdown_hooks() {
  const auto failure = run_hooks("Phork\\onShutdown");
  if (failure) event::log_failure("php-worker: shutdown", *failure);
}

bool Application::has_hooks(const char* on) {
  if (Z_ISUNDEF(dispatcher_)) return false;
  zval argument;
  zval answer;
  ZVAL_STRING(&argument, on);
  ZVAL_FALSE(&answer);
  zend_call_known_instance_method(find_method(&dispatcher_, "hashooks"), Z_OBJ(dispatcher_),
                                  &answer, 1, &argument);
  zval_ptr_dtor(&argument);
  return Z_TYPE(answer) == IS_TRUE;
}

std::optional<event::Failure> Application::run_hooks(const char* on) {
  if (auto failure = find_hooks_of_script()) return failure;
  if (Z_ISUNDEF(dispatcher_)) return std::nullopt;
  zval argument;
  ZVAL_STRING(&argument, on);
  return call_hooks("runhooks", on, {&argument, 1});
}

// Only a boot that has registered hooks has used the class that keeps them.
std::optional<event::Failure> Application::find_hooks_of_script() {
  if (!is_script() || !Z_ISUNDEF(dispatcher_) || !has_used_class("phork\\hooks")) {
    return std::nullopt;
  }
  zval* const made = &dispatcher_;
  if (!guarded([made] { call_library(kHookCalls, "ofapplication", made, {}); })) {
    return describe_bailout().failure;
  }
  return std::nullopt;
}

std::optional<event::Failure> Application::call_hooks(const char* method, const char* on,
                                                      std::span<zval> arguments) {
  zval returned;
  ZVAL_UNDEF(&returned);
  const bool completed = guarded([this, method, &returned, arguments] {
    zend_call_known_instance_method(find_method(&dispatcher_, method), Z_OBJ(dispatcher_),
                                    &returned, static_cast<std::uint32_t>(arguments.size()),
                                    arguments.data());
  });
  if (!completed) {
    CG(unclean_shutdown) = 0;
    Bailout bailout = describe_bailout();
    bailout.failure.message =
        std::string("a hook of ") + on + " failed: " +
        (bailout.exited ? "it called exit(" + std::to_string(EG(exit_status)) + ")"
                        : bailout.failure.message);
    return std::move(bailout.failure);
  }
  for (zval& argument : arguments) zval_ptr_dtor(&argument);
  if (Z_TYPE(returned) != IS_OBJECT) return std::nullopt;
  event::Failure failure = read_failure(&returned);
  zval_ptr_dtor(&returned);
  return failure;
}

}  // namespace phork::sapi
