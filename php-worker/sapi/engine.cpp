// SPDX-License-Identifier: MIT
#include "php-worker/sapi/engine.h"

#include <csignal>
#include <cstdlib>
#include <dlfcn.h>
#include <string>

#include "php-worker/sapi/boot_variables.h"
#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/interrupt.h"
#include "php-worker/sapi/module_requests.h"
#include "php-worker/sapi/opcache.h"
#include "php-worker/sapi/php.h"
#include "php-worker/sapi/request.h"
#include "php-worker/sapi/server_context.h"

namespace phork::sapi {
namespace {

constexpr int kFatalErrors =
    E_ERROR | E_CORE_ERROR | E_COMPILE_ERROR | E_PARSE | E_USER_ERROR | E_RECOVERABLE_ERROR;

// PHP calls this for every error. The strings are copied because PHP frees them when it bails out.
void observe_error(int type, zend_string* file, std::uint32_t line, zend_string* message) {
  if ((type & kFatalErrors) == 0) return;
  ServerContext& context = current_context();
  context.has_fatal = true;
  context.fatal.message.assign(ZSTR_VAL(message), ZSTR_LEN(message));
  context.fatal.file.assign(file != nullptr ? ZSTR_VAL(file) : "");
  context.fatal.line = line;
}

// "8.2" of 802.
std::string series_name(unsigned series) {
  return std::to_string(series / 100) + "." + std::to_string(series % 100);
}

// PHP's library has no version in its SONAME: of several that are installed the loader takes the
// highest, which may have other structures than those that phork was compiled with.
base::Status check_library() {
  constexpr unsigned kBuiltFor = PHP_VERSION_ID / 100;
  constexpr unsigned kLastSilent = 802;  // 8.3 brought the function
  const auto version = reinterpret_cast<unsigned (*)()>(::dlsym(RTLD_DEFAULT, "php_version_id"));
  const unsigned found = version == nullptr ? kLastSilent : version() / 100;
  if (found == kBuiltFor) return base::ok_status();
  return base::Error{base::ErrorKind::kSystem,
                     "php-worker: start PHP: expected the library of PHP " +
                         series_name(kBuiltFor) + ", got that of " + series_name(found) +
                         ": remove that libphpX.Y-embed, or build phork for its PHP"};
}

base::Status open_request() {
  // PHP takes a null server context to mean that there is no request.
  SG(server_context) = &current_context();
  const NoAutoStart nobody_is_there_yet;
  hold_debugger();  // until close_boot()
  bool opened = false;
  if (!guarded([&opened] { opened = php_request_startup() == SUCCESS; }) || !opened) {
    return base::Error{base::ErrorKind::kSystem, "php-worker: start PHP: request startup failed"};
  }
  // php.ini's limit counts for events, and boot's errors go to a log.
  zend_unset_timeout();
  set_form(OutputForm::kText);
  modules_were_started();
  // PHP clears this flag when it runs a script: errors from here on are the application's.
  PG(during_request_startup) = 0;
  return base::ok_status();
}

}  // namespace

base::Status start_php(char* executable, FileCache use) {
  if (base::Status checked = check_library(); !checked) return checked;
  // A closed socket or pipe is an error that PHP reports; SIGPIPE would end the process.
  std::signal(SIGPIPE, SIG_IGN);
  zend_signal_startup();
  sapi_module_struct& module = sapi_module_table();
  module.executable_location = executable;
  sapi_startup(&module);
  module.ini_entries = forced_ini();
  prepare_opcache_guard();
  if (module.startup(&module) != SUCCESS) {
    return base::Error{base::ErrorKind::kSystem, "php-worker: start PHP: module startup failed"};
  }
  guard_opcache();
  if (base::Status opened = open_file_cache(use); !opened) return opened;
  zend_observer_error_register(observe_error);
  install_interrupt();

  SG(options) |= SAPI_OPTION_NO_CHDIR;
  return open_request();
}

base::Status reopen_request() {
  // end_user_code() has run them, and PHP would run them again.
  php_free_shutdown_functions();
  current_context().output = OutputTo::kNowhere;
  forget_boot_variables();
  const bool ended = guarded([] {
    start_modules_for_shutdown();
    php_request_shutdown(nullptr);
  });
  if (!ended) {
    return base::Error{base::ErrorKind::kSystem, "php-worker: end PHP's request: it bailed out"};
  }
  // It borrows from the server context, and PHP would parse it again.
  SG(request_info) = sapi_request_info{};
  current_context() = ServerContext{};
  return open_request();
}

}  // namespace phork::sapi
