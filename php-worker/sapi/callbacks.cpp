// SPDX-License-Identifier: MIT
#include "php-worker/sapi/callbacks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <unistd.h>

#include "php-worker/sapi/boot_log.h"
#include "php-worker/sapi/boot_variables.h"
#include "php-worker/sapi/command.h"
#include "php-worker/sapi/functions.h"
#include "php-worker/sapi/php.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/io.h"
#include "runtime/base/log.h"
#include "runtime/base/text.h"

namespace phork::sapi {
namespace {

constexpr std::string_view kStatusHeader = "status:";

// True when the last text on a standard stream was no whole line.
bool& has_open_line(int fd) {
  static std::array<bool, 2> open{};
  return open.at(fd == STDERR_FILENO ? 1 : 0);
}

std::size_t ub_write(const char* text, std::size_t length) {
  ServerContext& context = current_context();
  switch (context.output) {
    case OutputTo::kLog:
      write_output(STDERR_FILENO, {text, length});
      break;
    case OutputTo::kStdout:
      write_output(STDOUT_FILENO, {text, length});
      break;
    case OutputTo::kResponse:
      if (context.sink != nullptr) {
        stream_output({text, length});
      } else {
        context.response_body.append(text, length);
      }
      break;
    case OutputTo::kNowhere:
      break;
  }
  return length;
}

// As under php-fpm, output sends the headers; flush() alone does so since PHP 8.4:
// https://github.com/php/php-src/issues/12785
void flush_output(void* /*server_context*/) {
  const ServerContext& context = current_context();
  if (context.output != OutputTo::kResponse) return;
  if constexpr (PHP_VERSION_ID >= 80400) sapi_send_headers();
  if (context.sink != nullptr && SG(headers_sent) != 0) flush_stream();
}

bool is_status_header(std::string_view line) {
  return line.size() > kStatusHeader.size() &&
         base::equal_in_any_case(line.substr(0, kStatusHeader.size()), kStatusHeader);
}

// `Status: 404 Not Found` sets the status, as under every CGI SAPI.
void take_status(std::string_view line, ServerContext& context) {
  line.remove_prefix(kStatusHeader.size());
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const auto status = base::take_number<std::uint16_t>(line).value_or(0);
  if (status >= 100 && status <= 599) context.status = status;
}

void take_header(std::string_view line, ServerContext& context) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return;
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  context.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
}

int send_headers(sapi_headers_struct* headers) {
  ServerContext& context = current_context();
  context.headers.clear();
  context.status = static_cast<std::uint16_t>(headers->http_response_code);
  zend_llist_position position;
  for (auto* header =
           static_cast<sapi_header_struct*>(zend_llist_get_first_ex(&headers->headers, &position));
       header != nullptr; header = static_cast<sapi_header_struct*>(
                              zend_llist_get_next_ex(&headers->headers, &position))) {
    const std::string_view line(header->header, header->header_len);
    if (is_status_header(line)) {
      take_status(line, context);
    } else {
      take_header(line, context);
    }
  }
  return SAPI_HEADER_SENT_SUCCESSFULLY;
}

std::size_t read_post(char* buffer, std::size_t count) {
  ServerContext& context = current_context();
  const std::size_t take = std::min(count, context.body.size() - context.body_read);
  if (take == 0) return 0;
  std::memcpy(buffer, context.body.data() + context.body_read, take);
  context.body_read += take;
  return take;
}

char* read_cookies() {
  const char* cookies = current_context().variable("HTTP_COOKIE");
  // In spite of the parameter's type, PHP copies the text before it cuts it.
  return *cookies == '\0' ? nullptr : const_cast<char*>(cookies);
}

// Reads a setting as PHP does: a word or a number.
bool is_on(const char* value) {
  if (value == nullptr) return false;
  zend_string* const text = zend_string_init(value, std::strlen(value), false);
  const bool on = zend_ini_parse_bool(text);
  zend_string_release(text);
  return on;
}

// Without a request, the entry is the script.
void register_entry_script(zval* server) {
  const std::string& entry = entry_script();
  if (entry.empty() || *current_context().variable("SCRIPT_NAME") != '\0') return;
  const std::string name = entry.substr(entry.rfind('/'));
  php_register_variable("SCRIPT_FILENAME", entry.c_str(), server);
  php_register_variable("SCRIPT_NAME", name.c_str(), server);
  php_register_variable("PHP_SELF", name.c_str(), server);
}

// As php-fpm: the environment first, then the request's variables, each through ext/filter. The
// boot's own variables are between both.
void register_server_variables(zval* server) {
  php_import_environment_variables(server);
  register_entry_script(server);
  add_boot_server_variables(server);
  for (const event::NameValue& variable : current_context().variables) {
    char* value = const_cast<char*>(variable.value.c_str());
    std::size_t length = variable.value.size();
    if (sapi_module.input_filter(PARSE_SERVER, variable.name.c_str(), &value, length, &length)) {
      php_register_variable_safe(variable.name.c_str(), value, length, server);
    }
  }
  const ServerContext& context = current_context();
  const std::string self =
      context.variable("SCRIPT_NAME") + std::string(context.variable("PATH_INFO"));
  if (!self.empty()) php_register_variable("PHP_SELF", self.c_str(), server);
}

// For getenv(): as under php-fpm, the server's variables come before the environment.
char* find_variable(const char* name, std::size_t length) {
  const std::vector<event::NameValue>& variables = current_context().variables;
  const auto found =
      std::ranges::find(variables, std::string_view(name, length), &event::NameValue::name);
  return found == variables.end() ? nullptr : const_cast<char*>(found->value.c_str());
}

void log_message(const char* message, int /*syslog_type*/) {
  // A message of several lines, such as one with a stack trace, is one record. Where a supervisor
  // reads it, base/log.h writes it on one line.
  base::LogRecord record;
  record.source = base::LogRecord::Source::kPhpError;
  record.text = message;
  base::log(record);
}

void put_default(HashTable* table, const char* name, const char* value) {
  zval entry;
  ZVAL_NEW_STR(&entry, zend_string_init(value, std::strlen(value), 1));
  zend_hash_str_update(table, name, std::strlen(name), &entry);
}

// Defaults that php.ini can change. docs/settings.md lists those that differ from PHP's.
void ini_defaults(HashTable* table) {
  constexpr std::array<std::array<const char*, 2>, 6> kDefaults{{
      {"display_errors", "0"},
      // Lambda has a limit of its own.
      {"max_execution_time", "0"},
      {"opcache.max_accelerated_files", "20000"},
      // As much room for strings as 8 has, because the hash table before them has half the size:
      // opcache rounds it up to a power of two, and fills all of it at the start.
      {"opcache.interned_strings_buffer", "7"},
      // A restart of the cache under a live zygote could kill it: reference php-src
      // accel_deactivate.
      {"opcache.force_restart_timeout", "0"},
      {"realpath_cache_ttl", "86400"},
  }};
  for (const auto& [name, value] : kDefaults) put_default(table, name, value);
}

void ini_defaults_of_console(HashTable* table) {
  ini_defaults(table);
  put_default(table, "opcache.enable_cli", "1");
}

// The setting that php.ini cannot change: superglobals are made for each event, so they cannot wait
// for a first compile to be armed.
constexpr char kForcedIni[] = "auto_globals_jit=0\n";

int start_module(sapi_module_struct* module) {
  return php_module_startup(module, nullptr);
}

// The settings of a `.user.ini` stay until PHP's request ends, which for a forked event is the end
// of the process.
void apply_file(const std::string& folder) {
  const char* const name = PG(user_ini_filename);
  if (::access((folder + "/" + name).c_str(), R_OK) != 0) return;
  HashTable settings;
  zend_hash_init(&settings, 8, nullptr, config_zval_dtor, true);
  php_parse_user_ini_file(folder.c_str(), name, &settings);
  php_ini_activate_config(&settings, PHP_INI_PERDIR, PHP_INI_STAGE_HTACCESS);
  zend_hash_destroy(&settings);
}

// Applies the `.user.ini` files in the folders from the document root down to the script's, for
// each request, as php-fpm does. Without a script it does nothing.
// https://www.php.net/manual/en/configuration.file.per-user.php
int apply_user_ini() {
  const ServerContext& context = current_context();
  const std::string_view script = context.variable("SCRIPT_FILENAME");
  if (script.empty() || PG(user_ini_filename) == nullptr || *PG(user_ini_filename) == '\0') {
    return SUCCESS;
  }
  const std::string folder(script.substr(0, script.rfind('/')));
  const std::string_view root = context.variable("DOCUMENT_ROOT");
  const bool below = folder.starts_with(root) && folder.size() > root.size() &&
                     (root.ends_with('/') || folder[root.size()] == '/');
  // From the document root down to the script's folder; for a script outside the root, only its own
  // folder.
  for (std::size_t end = below ? root.size() : folder.size(); end < folder.size();
       end = folder.find('/', end + 1)) {
    apply_file(folder.substr(0, end));
  }
  apply_file(folder);
  return SUCCESS;
}

}  // namespace

// A supervisor that reads our streams splits them into lines itself. Text is lost only when the
// pipe is closed.
void write_output(int fd, std::string_view text) {
  if (BootLog* const log = current_boot_log()) {
    log->output(text);
    return;
  }
  std::array<iovec, 1> parts{base::as_iovec(text)};
  [[maybe_unused]] const base::Status written = base::write_all(fd, parts);
  if (!text.empty()) has_open_line(fd) = !text.ends_with('\n');
}

void set_form(OutputForm form) {
  const bool html = form == OutputForm::kHtml;
  sapi_module.phpinfo_as_text = html ? 0 : 1;
  constexpr std::string_view kName = "html_errors";
  PG(html_errors) = html && is_on(zend_ini_string_ex(kName.data(), kName.size(), 0, nullptr));
}

void end_output_lines() {
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    if (has_open_line(fd)) write_output(fd, "\n");
  }
}

void complete_response() {
  php_output_end_all();
  php_header();
  current_context().finished = true;
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
    return module;
  }();
  return table;
}

void become_console() {
  sapi_module_table().name = const_cast<char*>("cli");
  sapi_module_table().additional_functions = console_functions();
  sapi_module_table().ini_defaults = ini_defaults_of_console;
}

}  // namespace phork::sapi
