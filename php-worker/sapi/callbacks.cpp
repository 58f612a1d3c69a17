// SPDX-License-Identifier: MIT
#include "php-worker/sapi/callbacks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string>
#include <string_view>
#include <unistd.h>

#include "php-worker/sapi/event_log.h"
#include "php-worker/sapi/exchange.h"
#include "php-worker/sapi/functions.h"
#include "php-worker/sapi/response_stream.h"
#include "php-worker/sapi/user_ini.h"
#include "runtime/base/log.h"
#include "runtime/base/write_all.h"

namespace phork::sapi {
namespace {

constexpr std::string_view kStatusHeader = "status:";

// Where a supervisor reads our streams it makes lines of what comes; only a closed pipe loses text.
void write_output(int fd, std::string_view text) {
  if (EventLog* const log = current_log()) {
    log->output(text);
    return;
  }
  std::array<iovec, 1> parts{base::piece(text)};
  [[maybe_unused]] const base::Status written = base::write_all(fd, parts);
}

std::size_t ub_write(const char* text, std::size_t length) {
  Exchange& exchange = current_exchange();
  switch (exchange.output) {
    case OutputTo::kLog:
      write_output(STDERR_FILENO, {text, length});
      break;
    case OutputTo::kStdout:
      write_output(STDOUT_FILENO, {text, length});
      break;
    case OutputTo::kResponse:
      if (exchange.sink != nullptr) {
        stream_output({text, length});
      } else {
        exchange.response_body.append(text, length);
      }
      break;
    case OutputTo::kNowhere:
      break;
  }
  return length;
}

// As under php-fpm, it is output that sends the headers, and flush() does not.
void flush_output(void* /*server_context*/) {
  const Exchange& exchange = current_exchange();
  const bool streamed = exchange.sink != nullptr && exchange.output == OutputTo::kResponse;
  if (streamed && SG(headers_sent) != 0) flush_stream();
}

bool is_status_header(std::string_view line) {
  return line.size() > kStatusHeader.size() &&
         ::strncasecmp(line.data(), kStatusHeader.data(), kStatusHeader.size()) == 0;
}

// `Status: 404 Not Found` sets the status, as under every CGI SAPI.
void take_status(std::string_view line, Exchange& exchange) {
  line.remove_prefix(kStatusHeader.size());
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  std::uint16_t status = 0;
  std::from_chars(line.data(), line.data() + line.size(), status);
  if (status >= 100 && status <= 599) exchange.status = status;
}

void take_header(std::string_view line, Exchange& exchange) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return;
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  exchange.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
}

int send_headers(sapi_headers_struct* headers) {
  Exchange& exchange = current_exchange();
  exchange.headers.clear();
  exchange.status = static_cast<std::uint16_t>(headers->http_response_code);
  zend_llist_position position;
  for (auto* header =
           static_cast<sapi_header_struct*>(zend_llist_get_first_ex(&headers->headers, &position));
       header != nullptr; header = static_cast<sapi_header_struct*>(
                              zend_llist_get_next_ex(&headers->headers, &position))) {
    const std::string_view line(header->header, header->header_len);
    if (is_status_header(line)) {
      take_status(line, exchange);
    } else {
      take_header(line, exchange);
    }
  }
  return SAPI_HEADER_SENT_SUCCESSFULLY;
}

std::size_t read_post(char* buffer, std::size_t count) {
  Exchange& exchange = current_exchange();
  const std::size_t take = std::min(count, exchange.body.size() - exchange.body_read);
  if (take == 0) return 0;
  std::memcpy(buffer, exchange.body.data() + exchange.body_read, take);
  exchange.body_read += take;
  return take;
}

char* read_cookies() {
  const char* cookies = current_exchange().variable("HTTP_COOKIE");
  // PHP copies before it cuts, in spite of the type.
  return *cookies == '\0' ? nullptr : const_cast<char*>(cookies);
}

// As php-fpm: the environment first, then the request's variables, each through ext/filter.
void register_server_variables(zval* server) {
  php_import_environment_variables(server);
  for (const event::NameValue& variable : current_exchange().variables) {
    char* value = const_cast<char*>(variable.value.c_str());
    std::size_t length = variable.value.size();
    if (sapi_module.input_filter(PARSE_SERVER, variable.name.c_str(), &value, length, &length)) {
      php_register_variable_safe(variable.name.c_str(), value, length, server);
    }
  }
  const Exchange& exchange = current_exchange();
  const std::string self =
      exchange.variable("SCRIPT_NAME") + std::string(exchange.variable("PATH_INFO"));
  if (!self.empty()) php_register_variable("PHP_SELF", self.c_str(), server);
}

// Of getenv(): what the server told comes before the environment, as under php-fpm.
char* find_variable(const char* name, std::size_t length) {
  const std::vector<event::NameValue>& variables = current_exchange().variables;
  const auto found =
      std::ranges::find(variables, std::string_view(name, length), &event::NameValue::name);
  return found == variables.end() ? nullptr : const_cast<char*>(found->value.c_str());
}

void log_message(const char* message, int /*syslog_type*/) {
  // A message of many lines, as one with a stack trace, is one record: base/log.h sees to it that
  // it is one line too where a supervisor reads it.
  constexpr auto kSource = base::LogRecord::Source::kPhpError;
  base::LogRecord record;
  record.source = kSource;
  record.text = message;
  if (const EventLog* const log = current_log()) record = log->record(kSource, message);
  base::log(record);
}

// What holds where no php.ini says otherwise; all of it can be overruled there.
void ini_defaults(HashTable* table) {
  constexpr std::array<std::array<const char*, 2>, 8> kDefaults{{
      {"display_errors", "0"},
      {"log_errors", "1"},
      {"error_reporting", "22527"},  // E_ALL & ~E_DEPRECATED & ~E_STRICT
      {"variables_order", "EGPCS"},
      {"opcache.enable", "1"},
      {"opcache.max_accelerated_files", "20000"},
      // A restart of the cache under a live zygote could kill it: reference php-src
      // accel_deactivate.
      {"opcache.force_restart_timeout", "0"},
      {"realpath_cache_ttl", "86400"},
  }};
  for (const auto& [name, value] : kDefaults) {
    zval entry;
    ZVAL_NEW_STR(&entry, zend_string_init(value, std::strlen(value), 1));
    zend_hash_str_update(table, name, std::strlen(name), &entry);
  }
}

// Overrules php.ini: what the runtime cannot work without.
//  - max_execution_time counts CPU time in NTS builds; the supervisor owns the deadline instead
//  - superglobals are made for each event, so they cannot wait for a first compile to be armed
constexpr char kForcedIni[] =
    "html_errors=0\n"
    "implicit_flush=0\n"
    "max_execution_time=0\n"
    "max_input_time=-1\n"
    "auto_globals_jit=0\n"
    "register_argc_argv=0\n";

int start_module(sapi_module_struct* module) {
  return php_module_startup(module, nullptr);
}

}  // namespace

void complete_response() {
  php_output_end_all();
  php_header();
  current_exchange().finished = true;
}

char* forced_ini() {
  return const_cast<char*>(kForcedIni);  // PHP only reads it
}

sapi_module_struct& sapi_module_table() {
  static sapi_module_struct table = [] {
    sapi_module_struct module{};
    module.name = const_cast<char*>("fpm-fcgi");
    module.pretty_name = const_cast<char*>("phork");
    module.startup = start_module;
    module.shutdown = php_module_shutdown_wrapper;
    module.activate = apply_user_ini;
    module.ub_write = ub_write;
    module.flush = flush_output;
    module.sapi_error = php_error;
    module.send_headers = send_headers;
    module.read_post = read_post;
    module.read_cookies = read_cookies;
    module.getenv = find_variable;
    module.register_server_variables = register_server_variables;
    module.log_message = log_message;
    module.ini_defaults = ini_defaults;
    module.additional_functions = functions();
    module.phpinfo_as_text = 1;
    return module;
  }();
  return table;
}

}  // namespace phork::sapi
