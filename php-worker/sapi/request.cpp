// SPDX-License-Identifier: MIT
#include "php-worker/sapi/request.h"

#include <cstring>
#include <utility>

#include "php-worker/sapi/bailout.h"
#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/exchange.h"
#include "php-worker/sapi/modules.h"
#include "php-worker/sapi/session.h"

namespace phork::sapi {
namespace {

// Shutdown functions registered at boot, set aside while an event runs in a process that serves
// more than one.
HashTable* boot_shutdown_functions = nullptr;

// The first resource that the event made; those before it are the boot's.
zend_ulong first_resource = 0;

// PHP keeps these pointers for the length of the event and does not free them.
char* borrowed(const char* text) {
  return *text == '\0' ? nullptr : const_cast<char*>(text);
}

void fill_request_info() {
  const Exchange& exchange = current_exchange();
  SG(server_context) = &current_exchange();
  SG(request_info).request_method = borrowed(exchange.variable("REQUEST_METHOD"));
  SG(request_info).query_string = const_cast<char*>(exchange.variable("QUERY_STRING"));
  SG(request_info).content_type = borrowed(exchange.variable("CONTENT_TYPE"));
  SG(request_info).content_length = static_cast<zend_long>(exchange.body.size());
  SG(request_info).request_uri = borrowed(exchange.variable("SCRIPT_NAME"));
  SG(request_info).path_translated = borrowed(exchange.variable("SCRIPT_FILENAME"));
  SG(request_info).proto_num = 1001;
  SG(sapi_headers).http_response_code = 200;  // which sapi_activate() leaves to the SAPI
  SG(request_info).headers_only = std::strcmp(exchange.variable("REQUEST_METHOD"), "HEAD") == 0;
  php_handle_auth_data(borrowed(exchange.variable("HTTP_AUTHORIZATION")));
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

// As php_request_startup does it. Where answers are streamed, a buffer that php.ini asks for would
// keep from the caller what the code has flushed.
void start_output_buffer() {
  if (PG(output_handler) != nullptr && *PG(output_handler) != '\0') {
    zval handler;
    ZVAL_STRING(&handler, PG(output_handler));
    php_output_start_user(&handler, 0, PHP_OUTPUT_HANDLER_STDFLAGS);
    zval_ptr_dtor(&handler);
  } else if (PG(output_buffering) != 0 && current_exchange().sink == nullptr) {
    const auto size = PG(output_buffering) > 1 ? PG(output_buffering) : 0;
    php_output_start_user(nullptr, static_cast<std::size_t>(size), PHP_OUTPUT_HANDLER_STDFLAGS);
  }
}

void make_superglobals() {
  for (zval& global : PG(http_globals)) {
    zval_ptr_dtor(&global);
    ZVAL_UNDEF(&global);
  }
  zend_hash_str_del(&EG(symbol_table), "_SESSION", sizeof("_SESSION") - 1);
  zend_activate_auto_globals();
}

// Modules whose request state an event must not share with the boot. opcache takes the current
// time, without which it serves changed files stale for ever.
void restart_modules() {
  SG(global_request_time) = 0;
  start_module_request("filter");
  reseed_randomness();
  start_module_request("zlib");
  start_module_request("zend opcache");
}

void open_input() {
  PG(header_is_being_sent) = 0;
  PG(connection_status) = PHP_CONNECTION_NORMAL;
  PG(during_request_startup) = 1;
  php_output_activate();
  sapi_activate();
  SG(sapi_started) = 1;
  if (PG(expose_php)) {
    sapi_add_header(const_cast<char*>(SAPI_PHP_VERSION_HEADER), sizeof(SAPI_PHP_VERSION_HEADER) - 1,
                    true);
  }
  restart_modules();
  make_superglobals();
  begin_session();
  PG(during_request_startup) = 0;
}

// PHP leaves both to the end of its request: the streams that user code has open on the body, and
// the body itself, which is a file once it is longer than 16 KiB.
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

// For the steps of an end, each of which is owed even when the one before failed.
template <typename F>
void go_on_after(F&& step) {
  if (!guarded(step)) CG(unclean_shutdown) = 0;
}

}  // namespace

void reseed_randomness() {
  start_module_request("random");
  end_module_request("gmp");  // its generator is seeded on first use and forgotten here
}

void close_boot() {
  go_on_after([] { php_output_end_all(); });
  close_event();
}

void open_event(Lifetime lifetime) {
  zval error_handler;
  ZVAL_COPY_VALUE(&error_handler, &EG(user_error_handler));
  ZVAL_UNDEF(&EG(user_error_handler));
  if (lifetime == Lifetime::kManyEvents) {
    boot_shutdown_functions = std::exchange(BG(user_shutdown_function_names), nullptr);
  }
  first_resource = static_cast<zend_ulong>(EG(regular_list).nNextFreeElement);
  fill_request_info();
  reset_error_state();
  const bool completed = guarded(open_input);
  ZVAL_COPY_VALUE(&EG(user_error_handler), &error_handler);
  zend_memory_reset_peak_usage();
  if (!completed) zend_bailout();
  start_output_buffer();
}

void end_user_code(Lifetime lifetime) {
  CG(unclean_shutdown) = 0;
  go_on_after([] { php_call_shutdown_functions(); });
  if (lifetime == Lifetime::kOneEvent) {
    go_on_after([] { zend_call_destructors(); });
  } else {
    go_on_after([] { php_free_shutdown_functions(); });
    BG(user_shutdown_function_names) = std::exchange(boot_shutdown_functions, nullptr);
  }
  go_on_after([] { write_session(); });
}

void close_event() {
  go_on_after([] {
    php_output_discard_all();
    php_output_deactivate();
    close_input();
    forget_session();
    sapi_deactivate();
    // Not before the next event: sapi_activate() forgets what it would free.
    end_module_request("filter");
  });
}

void close_resources() {
  go_on_after([] {
    if (SG(rfc1867_uploaded_files) != nullptr) destroy_uploaded_files_hash();
    // Last one first, as they may build on one another.
    auto handle = static_cast<zend_ulong>(EG(regular_list).nNextFreeElement);
    while (handle-- > first_resource) {
      zval* const resource = zend_hash_index_find(&EG(regular_list), handle);
      if (resource != nullptr) zend_list_close(Z_RES_P(resource));
    }
  });
}

}  // namespace phork::sapi
