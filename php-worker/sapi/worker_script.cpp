// SPDX-License-Identifier: MIT
#include "php-worker/sapi/worker_script.h"

#include <utility>

#include "php-worker/sapi/library.h"
#include "php-worker/sapi/php.h"

namespace phork::sapi {
namespace {

// The size of a process's main stack, on which other entries boot. Memory is taken as it is used.
constexpr std::size_t kStackBytes = std::size_t{8} << 20U;

struct State {
  zend_long usual_stack_bytes = 0;
  bool is_last = false;
  bool loops_in_copies = false;
  bool has_ended = false;
};

State state;

// PHP code can include a file only into the scope of a function.
PHP_FUNCTION(runScript) {
  zend_string* file = nullptr;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_STR(file)
  ZEND_PARSE_PARAMETERS_END();
  EG(fiber_stack_size) = state.usual_stack_bytes;
  execute_file(ZSTR_VAL(file), true, return_value);
}

PHP_FUNCTION(isLastRequest) {
  ZEND_PARSE_PARAMETERS_NONE();
  RETURN_BOOL(state.is_last);
}

PHP_FUNCTION(endsScript) {
  static_cast<void>(return_value);
  bool ends = false;
  ZEND_PARSE_PARAMETERS_START(1, 1)
  Z_PARAM_BOOL(ends)
  ZEND_PARSE_PARAMETERS_END();
  state.has_ended = ends;
}

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_runScript, 0, 1, IS_MIXED, 0)
ZEND_ARG_TYPE_INFO(0, file, IS_STRING, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_isLastRequest, 0, 0, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

ZEND_BEGIN_ARG_WITH_RETURN_TYPE_INFO_EX(arginfo_endsScript, 0, 1, IS_VOID, 0)
ZEND_ARG_TYPE_INFO(0, ends, _IS_BOOL, 0)
ZEND_END_ARG_INFO()

// clang-format off: the macros bring their own commas
const zend_function_entry kFunctions[] = {
    ZEND_NS_FE("Phork\\Bridge\\FrankenPhp", runScript, arginfo_runScript)
        ZEND_NS_FE("Phork\\Bridge\\FrankenPhp", isLastRequest, arginfo_isLastRequest)
            ZEND_NS_FE("Phork\\Bridge\\FrankenPhp", endsScript, arginfo_endsScript) PHP_FE_END};
// clang-format on

}  // namespace

void declare_worker_functions() {
  state.has_ended = false;
  state.usual_stack_bytes = std::exchange(EG(fiber_stack_size), kStackBytes);
  // For this request of PHP, as if a script had declared them.
  zend_register_functions(nullptr, kFunctions, nullptr, MODULE_TEMPORARY);
  declare_library_functions("Bridge/FrankenPhp/functions");
}

void announce_last_request(bool is_last) {
  state.is_last = is_last && !state.loops_in_copies;
}

void loop_in_copies() {
  state.loops_in_copies = true;
}

bool has_script_ended() {
  return state.has_ended;
}

}  // namespace phork::sapi
