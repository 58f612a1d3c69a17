// SPDX-License-Identifier: MIT
#include "php-worker/sapi/engine.h"

#include <csignal>
#include <cstdlib>

#include "php-worker/sapi/bailout.h"
#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/exchange.h"
#include "php-worker/sapi/interrupt.h"
#include "php-worker/sapi/session.h"

namespace phork::sapi {
namespace {

constexpr int kFatalErrors =
    E_ERROR | E_CORE_ERROR | E_COMPILE_ERROR | E_PARSE | E_USER_ERROR | E_RECOVERABLE_ERROR;

// Runs inside PHP for every error; strings are copied because PHP frees its own when it bails out.
void observe_error(int type, zend_string* file, std::uint32_t line, zend_string* message) {
  if ((type & kFatalErrors) == 0) return;
  Exchange& exchange = current_exchange();
  exchange.has_fatal = true;
  exchange.fatal.message.assign(ZSTR_VAL(message), ZSTR_LEN(message));
  exchange.fatal.file.assign(file != nullptr ? ZSTR_VAL(file) : "");
  exchange.fatal.line = line;
}

base::Status open_request() {
  // PHP takes a null server context as "no request".
  SG(server_context) = &current_exchange();
  const NoAutoStart nobody_is_there_yet;
  bool opened = false;
  if (!guarded([&opened] { opened = php_request_startup() == SUCCESS; }) || !opened) {
    return base::Error{base::ErrorKind::kSystem, "php-worker: start PHP: request startup failed"};
  }
  // PHP does this when it runs a script: what goes wrong from here on is the application's.
  PG(during_request_startup) = 0;
  return base::ok_status();
}

}  // namespace

base::Status start_php(char* executable) {
  // A closed socket or pipe is an error for PHP to report, not a signal to die of.
  std::signal(SIGPIPE, SIG_IGN);
  zend_signal_startup();
  sapi_module_struct& module = sapi_module_table();
  module.executable_location = executable;
  sapi_startup(&module);
  module.ini_entries = forced_ini();
  if (module.startup(&module) != SUCCESS) {
    return base::Error{base::ErrorKind::kSystem, "php-worker: start PHP: module startup failed"};
  }
  zend_observer_error_register(observe_error);
  install_interrupt();

  SG(options) |= SAPI_OPTION_NO_CHDIR;
  return open_request();
}

base::Status reopen_request() {
  // Has been run by end_user_code(), and PHP would run it again.
  php_free_shutdown_functions();
  current_exchange().output = OutputTo::kNowhere;
  if (!guarded([] { php_request_shutdown(nullptr); })) {
    return base::Error{base::ErrorKind::kSystem, "php-worker: end PHP's request: it bailed out"};
  }
  // Borrows from the exchange, and would be parsed again.
  SG(request_info) = sapi_request_info{};
  current_exchange() = Exchange{};
  return open_request();
}

}  // namespace phork::sapi
