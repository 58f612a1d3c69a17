// SPDX-License-Identifier: MIT
#include "php-worker/sapi/functions.h"

#include <string>
#include <string_view>
#include <vector>

#include "php-worker/sapi/callbacks.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/settings.h"

namespace phork::sapi {
namespace {

// The name of a header as its sender may have written it: X-Forwarded-For for HTTP_X_FORWARDED_FOR.
// "" for a variable that is not a header.
std::string header_name(std::string_view variable) {
  constexpr std::string_view kPrefix = "HTTP_";
  if (variable == "CONTENT_TYPE") return "Content-Type";
  if (variable == "CONTENT_LENGTH") return "Content-Length";
  if (!variable.starts_with(kPrefix)) return {};
  std::string name(variable.substr(kPrefix.size()));
  bool begins_word = true;
  for (char& c : name) {
    if (!begins_word && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    begins_word = c == '_';
    if (begins_word) c = '-';
  }
  return name;
}

PHP_FUNCTION(fastcgi_finish_request) {
  ZEND_PARSE_PARAMETERS_NONE();
  ServerContext& context = current_context();
  if (context.output != OutputTo::kResponse || context.finished) RETURN_FALSE;
  complete_response();
  context.output = OutputTo::kNowhere;
  if (context.on_finished) context.on_finished(context);
  RETURN_TRUE;
}

PHP_FUNCTION(getallheaders) {
  ZEND_PARSE_PARAMETERS_NONE();
  array_init(return_value);
  for (const event::NameValue& variable : current_context().variables) {
    const std::string name = header_name(variable.name);
    if (name.empty()) continue;
    add_assoc_stringl_ex(return_value, name.c_str(), name.size(), variable.value.data(),
                         variable.value.size());
  }
}

// Reads array<array{string, string}>; ignores elements that are not pairs of strings.
std::vector<event::NameValue> read_headers(zval* list) {
  std::vector<event::NameValue> headers;
  zval* pair = nullptr;
  ZEND_HASH_FOREACH_VAL(Z_ARRVAL_P(list), pair) {
    if (Z_TYPE_P(pair) != IS_ARRAY) continue;
    const zval* const name = zend_hash_index_find(Z_ARRVAL_P(pair), 0);
    const zval* const value = zend_hash_index_find(Z_ARRVAL_P(pair), 1);
    if (name == nullptr || value == nullptr) continue;
    if (Z_TYPE_P(name) != IS_STRING || Z_TYPE_P(value) != IS_STRING) continue;
    headers.push_back({std::string(Z_STRVAL_P(name), Z_STRLEN_P(name)),
                       std::string(Z_STRVAL_P(value), Z_STRLEN_P(value))});
  }
  ZEND_HASH_FOREACH_END();
  return headers;
}

// Sets status and headers of the answer that follows. They leave with the first bytes, or at the
// end.
PHP_FUNCTION(phork_stream_begin) {
  static_cast<void>(return_value);
  zend_long status = 0;
  zval* headers = nullptr;
  ZEND_PARSE_PARAMETERS_START(2, 2)
  Z_PARAM_LONG(status)
  Z_PARAM_ARRAY(headers)
  ZEND_PARSE_PARAMETERS_END();
  ServerContext& context = current_context();
  context.status = static_cast<std::uint16_t>(status);
  context.headers = read_headers(headers);
}

PHP_FUNCTION(phork_stream_write) {
  zend_string* bytes = nullptr;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(bytes)
  ZEND_PARSE_PARAMETERS_END();
  RETURN_BOOL(send_stream({ZSTR_VAL(bytes), ZSTR_LEN(bytes)}));
}

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_phork_stream_begin, 0, 2, IS_VOID, 0)
ZEND_ARG_TYPE_INFO(0, status, IS_LONG, 0)
ZEND_ARG_TYPE_INFO(0, headers, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_phork_stream_write, 0, 1, _IS_BOOL, 0)
ZEND_ARG_TYPE_INFO(0, bytes, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_fastcgi_finish_request, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_getallheaders, 0, 0, IS_ARRAY, 0)
ZEND_END_ARG_INFO()

// clang-format off: the macros bring their own commas
#define PHORK_FPM_FUNCTIONS                                      \
  PHP_FE(fastcgi_finish_request, arginfo_fastcgi_finish_request) \
  PHP_FE(getallheaders, arginfo_getallheaders)                   \
  PHP_FALIAS(apache_request_headers, getallheaders, arginfo_getallheaders)

const zend_function_entry kFunctions[] = {PHORK_FPM_FUNCTIONS PHP_FE_END};

const zend_function_entry kStreamingFunctions[] = {
    PHORK_FPM_FUNCTIONS PHP_FE(phork_stream_begin, arginfo_phork_stream_begin)
        PHP_FE(phork_stream_write, arginfo_phork_stream_write) PHP_FE_END};
// clang-format on

}  // namespace

const zend_function_entry* functions() {
  return base::value_of(base::settings::kResponse) ? kStreamingFunctions : kFunctions;
}

}  // namespace phork::sapi
