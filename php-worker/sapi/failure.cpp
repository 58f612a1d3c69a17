// SPDX-License-Identifier: MIT
#include "php-worker/sapi/failure.h"

#include <string>
#include <string_view>

#include "php-worker/sapi/php.h"
#include "php-worker/sapi/server_context.h"

namespace phork::sapi {
namespace {

constexpr std::string_view kOutOfMemory = "Allowed memory size of ";
// PHP sets this exit status before a fatal error bails out.
constexpr int kFatalExitStatus = 255;

std::string to_string(const zend_string* text) {
  return {ZSTR_VAL(text), ZSTR_LEN(text)};
}

std::string property(zend_object* exception, const char* name) {
  zval storage;
  zval* value = zend_read_property(zend_get_exception_base(exception), exception, name,
                                   std::char_traits<char>::length(name), true, &storage);
  zend_string* text = zval_get_string(value);
  std::string copy = to_string(text);
  zend_string_release(text);
  return copy;
}

std::vector<std::string> trace_lines(zend_object* exception) {
  zval trace;
  ZVAL_UNDEF(&trace);
  if (!guarded([exception, &trace] {
        zend_call_method(exception, exception->ce, nullptr, "gettraceasstring",
                         sizeof("gettraceasstring") - 1, &trace, 0, nullptr, nullptr);
      }) ||
      Z_TYPE(trace) != IS_STRING) {
    return {};
  }
  std::vector<std::string> lines;
  std::string_view rest(Z_STRVAL(trace), Z_STRLEN(trace));
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  zval_ptr_dtor(&trace);
  return lines;
}

}  // namespace

Bailout describe_bailout() {
  const ServerContext& context = current_context();
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

event::Failure take_exception(const char* type) {
  zend_object* const exception = EG(exception);
  GC_ADDREF(exception);
  zend_clear_exception();
  event::Failure failure;
  failure.type = *type != '\0' ? type : to_string(exception->ce->name);
  failure.message = property(exception, "message") + " in " + property(exception, "file") + ":" +
                    property(exception, "line");
  failure.stack_trace = trace_lines(exception);
  OBJ_RELEASE(exception);
  return failure;
}

}  // namespace phork::sapi
