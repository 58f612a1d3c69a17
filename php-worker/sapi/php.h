// SPDX-License-Identifier: MIT
//
// PHP's C interface, made safe to call from C++: its headers in the one order that works, a guard
// around its longjmp, silence for work that may fail, and its extensions by name. PHP's one thread.
#pragma once

#include <utility>

#include "runtime/base/pinned.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-parameter"

// php.h has to come first.
// clang-format off
extern "C" {
#include <main/php.h>
#include <main/SAPI.h>
#include <main/php_ini.h>
#include <main/php_main.h>
#include <main/php_output.h>
#include <main/php_variables.h>
#include <main/rfc1867.h>
#include <ext/json/php_json.h>
#include <ext/pcre/php_pcre.h>
#include <ext/random/php_random.h>
#include <ext/session/php_session.h>
#include <ext/standard/basic_functions.h>
#include <ext/standard/head.h>
#include <ext/standard/php_filestat.h>
#include <Zend/zend_exceptions.h>
#include <Zend/zend_extensions.h>
#include <Zend/zend_fibers.h>
#include <Zend/zend_gc.h>
#include <Zend/zend_inheritance.h>
#include <Zend/zend_interfaces.h>
#include <Zend/zend_observer.h>
#include <Zend/zend_signal.h>
#include <Zend/zend_weakrefs.h>
}
// clang-format on

// PHP replaces functions of the C library by macros, after which headers that come later and say
// `std::snprintf` are not valid C++: that of simdjson 3.12 is one.
#undef asprintf
#undef snprintf
#undef vasprintf
#undef vsnprintf

#pragma GCC diagnostic pop

namespace phork::sapi {

// Calls `f()`; false when PHP bailed out of it. This is the only place that catches Zend's bailout:
// a fatal error or an exit() leaves PHP by longjmp, which skips C++ destructors. So `f`, and every
// frame between it and PHP, may hold only trivially destructible locals, and results live outside.
// Never inlined, so that no local of the caller lives in the frame that longjmp returns to.
template <typename F>
[[nodiscard, gnu::noinline]] bool guarded(F&& f) {
  JMP_BUF* const outer = EG(bailout);
  JMP_BUF here;
  EG(bailout) = &here;
  const bool completed = SETJMP(here) == 0;
  if (completed) f();
#ifdef ZEND_HAS_OOM
  // Debian's PHP 8.2 calls no function once memory has run out, until php_request_shutdown()
  // begins. Shutdown functions and hooks are owed here, too.
  if (!completed) EG(delayed_oom).state = ZEND_OOM_STATE_NONE;
#endif
  EG(bailout) = outer;
  return completed;
}

// As long as this lives, PHP reports no errors and the user's error handler is not called: for work
// of the zygote itself that may fail without anyone needing to know. Hold it around `guarded`,
// never across a bailout, which would skip its destructor.
class Silence : private base::Pinned {
 public:
  Silence() : error_reporting_(std::exchange(EG(error_reporting), 0)) {
    ZVAL_COPY_VALUE(&error_handler_, &EG(user_error_handler));
    ZVAL_UNDEF(&EG(user_error_handler));
  }

  ~Silence() {
    ZVAL_COPY_VALUE(&EG(user_error_handler), &error_handler_);
    EG(error_reporting) = error_reporting_;
  }

 private:
  const int error_reporting_;
  zval error_handler_;
};

// Compiles the file and executes it at global scope, whatever code has called. `listed`:
// get_included_files() has it. Leaves an exception pending; may bail out.
void execute_file(const char* path, bool listed, zval* result);

// True when the extension `name` (in lower case) is loaded.
bool has_module(const char* name);

// The function's code, also where php.ini disables its name; null when the extension lacks it.
zif_handler find_function(const char* module, const char* name);

// Run the extension's request startup or shutdown function, if it is loaded and has one. May bail
// out.
void start_module_request(const char* name);
void end_module_request(const char* name);

}  // namespace phork::sapi
