// SPDX-License-Identifier: MIT
#include "php-worker/sapi/request.h"

#include <cstring>

#include "php-worker/sapi/belongings.h"
#include "php-worker/sapi/boot_variables.h"
#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/library_randomness.h"
#include "php-worker/sapi/module_requests.h"
#include "php-worker/sapi/php.h"
#include "php-worker/sapi/server_context.h"

namespace phork::sapi {
namespace {

// PHP keeps these pointers for the length of the event and does not free them.
char* borrowed(const char* text) {
  return *text == '\0' ? nullptr : const_cast<char*>(text);
}

void fill_request_info() {
  const ServerContext& context = current_context();
  SG(server_context) = &current_context();
  SG(request_info).request_method = borrowed(context.variable("REQUEST_METHOD"));
  SG(request_info).query_string = const_cast<char*>(context.variable("QUERY_STRING"));
  SG(request_info).content_type = borrowed(context.variable("CONTENT_TYPE"));
  SG(request_info).content_length = static_cast<zend_long>(context.body.size());
  SG(request_info).request_uri = borrowed(context.variable("SCRIPT_NAME"));
  SG(request_info).path_translated = borrowed(context.variable("SCRIPT_FILENAME"));
  SG(request_info).proto_num = 1001;
  SG(sapi_headers).http_response_code = 200;  // sapi_activate() leaves this to the SAPI
  SG(request_info).headers_only = std::strcmp(context.variable("REQUEST_METHOD"), "HEAD") == 0;
  php_handle_auth_data(borrowed(context.variable("HTTP_AUTHORIZATION")));
}

void reset_error_state() {
  php_clear_stat_cache(false, nullptr, 0);
  if (PG(last_error_message) != nullptr) {
    zend_string_release(PG(last_error_message));
    PG(last_error_message) = nullptr;
  }
  if (PG(last_error_file) != nullptr) {
    zend_string_release(PG(last_error_file));
    PG(last_error_file) = nullptr;
  }
  PG(last_error_type) = 0;
  PG(last_error_lineno) = 0;
  CG(unclean_shutdown) = 0;
  EG(exit_status) = 0;
}

// Does what php_request_startup does. Where answers are streamed, a buffer that php.ini asks for
// would keep back what the code has flushed.
void start_output_buffer() {
  if (PG(output_handler) != nullptr && *PG(output_handler) != '\0') {
    zval handler;
    ZVAL_STRING(&handler, PG(output_handler));
    php_output_start_user(&handler, 0, PHP_OUTPUT_HANDLER_STDFLAGS);
    zval_ptr_dtor(&handler);
  } else if (PG(output_buffering) != 0 && current_context().sink == nullptr) {
    const auto size = PG(output_buffering) > 1 ? PG(output_buffering) : 0;
    php_output_start_user(nullptr, static_cast<std::size_t>(size), PHP_OUTPUT_HANDLER_STDFLAGS);
  } else if (PG(implicit_flush)) {
    php_output_set_implicit_flush(1);
  }
}

void make_superglobals() {
  for (zval& global : PG(http_globals)) {
    zval_ptr_dtor(&global);
    ZVAL_UNDEF(&global);
  }
  zend_hash_str_del(&EG(symbol_table), "_SESSION", sizeof("_SESSION") - 1);
  zend_activate_auto_globals();
  add_boot_environment();
}

// opcache takes the current time here; without it, opcache would never notice that a file has
// changed.
void restart_modules() {
  reseed_randomness();
  start_module_request("zend opcache");
}

// Begins the event's session where php.ini says so; `$_COOKIE` must be there.
void begin_session() {
  if (PS(auto_start)) php_session_start();
}

// Writes the open session, and closes it.
void write_session() {
  php_session_flush(1);
}

// Gives the next event a session id of its own. Handlers that the boot has set stay.
void forget_session() {
  if (PS(id) != nullptr) zend_string_release(PS(id));
  PS(id) = nullptr;
  if (!Z_ISUNDEF(PS(http_session_vars))) zval_ptr_dtor(&PS(http_session_vars));
  ZVAL_UNDEF(&PS(http_session_vars));
  if (PS(session_vars) != nullptr) zend_string_release(PS(session_vars));
  PS(session_vars) = nullptr;
  PS(session_status) = php_session_none;
}

void open_input() {
  PG(header_is_being_sent) = 0;
  PG(connection_status) = PHP_CONNECTION_NORMAL;
  PG(during_request_startup) = 1;
  php_output_activate();
  activate_zend_extensions();
  sapi_activate();
  SG(sapi_started) = 1;
  if (PG(expose_php)) {
    sapi_add_header(const_cast<char*>(SAPI_PHP_VERSION_HEADER), sizeof(SAPI_PHP_VERSION_HEADER) - 1,
                    true);
  }
  restart_modules();
  start_output_buffer();
  make_superglobals();
  start_modules();
  begin_session();
  PG(during_request_startup) = 0;
}

// Closes two things that PHP leaves to the end of its request: the streams that user code has open
// on the body, and the body itself, which is a file once it is longer than 16 KiB.
void close_input() {
  zval* resource = nullptr;
  ZEND_HASH_FOREACH_VAL(&EG(regular_list), resource) {
    if (Z_RES_P(resource)->type != php_file_le_stream()) continue;
    const auto* const stream = static_cast<php_stream*>(Z_RES_P(resource)->ptr);
    if (std::strcmp(stream->ops->label, "Input") == 0) zend_list_close(Z_RES_P(resource));
  }
  ZEND_HASH_FOREACH_END();
  php_stream* const body = SG(request_info).request_body;
  if (body == nullptr) return;
  SG(request_info).request_body = nullptr;
  php_stream_close(body);
}

// Runs one step of an end. The next steps are owed even when this one fails.
template <typename F>
void run_end_step(F&& step) {
  if (!guarded(step)) CG(unclean_shutdown) = 0;
}

void begin_between_events() {
  php_output_activate();
  activate_zend_extensions();
  start_modules();
}

}  // namespace

void reseed_randomness() {
  start_module_request("random");
  end_module_request("gmp");  // gmp's generator is seeded on first use; this forgets it
  reseed_libraries();
}

void close_boot() {
  run_end_step([] { php_output_end_all(); });
  run_end_step([] { keep_boot_variables(); });
  close_event();
  release_debugger();
}

void open_event(Lifetime lifetime) {
  zval error_handler;
  ZVAL_COPY_VALUE(&error_handler, &EG(user_error_handler));
  ZVAL_UNDEF(&EG(user_error_handler));
  if (lifetime == Lifetime::kManyEvents) set_shutdown_functions_aside();
  if (lifetime == Lifetime::kCopy) begin_belongings();
  fill_request_info();
  reset_error_state();
  const bool completed = guarded(open_input);
  ZVAL_COPY_VALUE(&EG(user_error_handler), &error_handler);
  zend_memory_reset_peak_usage();
  if (!completed) zend_bailout();
}

void end_user_code(Lifetime lifetime) {
  CG(unclean_shutdown) = 0;
  // Where code has bailed out, observers of its functions still wait for their ends.
  if (ZEND_OBSERVER_ENABLED) run_end_step([] { zend_observer_fcall_end_all(); });
  run_end_step([] { php_call_shutdown_functions(); });
  if (lifetime == Lifetime::kManyEvents) {
    run_end_step([] { php_free_shutdown_functions(); });
    give_shutdown_functions_back();
  } else {
    run_end_step([] { destroy_belongings(); });
  }
  run_end_step([] { write_session(); });
}

void finish_event() {
  // The answer has left.
  current_context().output = OutputTo::kNowhere;
  shut_down_modules();
  run_end_step([] {
    if (SG(rfc1867_uploaded_files) != nullptr) destroy_uploaded_files_hash();
  });
  free_belongings();
  deactivate_modules();
}

void close_event() {
  run_end_step([] { php_output_discard_all(); });
  // Before sapi_activate() of the next event, which forgets what ext/filter frees here.
  shut_down_modules();
  run_end_step([] {
    php_output_deactivate();
    close_input();
    forget_session();
    sapi_deactivate();
  });
  deactivate_modules();
}

std::optional<event::Failure> run_between_events(
    const std::function<std::optional<event::Failure>()>& code) {
  hold_debugger();
  run_end_step(begin_between_events);
  std::optional<event::Failure> failure = code();
  run_end_step([] { php_output_end_all(); });
  shut_down_modules();
  run_end_step([] {
    // Keeps php_output_deactivate() from sending headers.
    SG(request_info).no_headers = true;
    php_output_deactivate();
  });
  SG(request_info).no_headers = false;
  deactivate_modules();
  release_debugger();
  return failure;
}

void end_boot(const std::function<void()>& hooks) {
  current_context() = ServerContext{};
  hold_debugger();
  run_end_step(begin_between_events);
  hooks();
  end_user_code(Lifetime::kProcess);
  run_end_step([] { php_output_end_all(); });
  finish_event();
}

NoAutoStart::NoAutoStart() : configured_(PS(auto_start)) {
  PS(auto_start) = false;
}

NoAutoStart::~NoAutoStart() {
  PS(auto_start) = configured_;
}

}  // namespace phork::sapi
