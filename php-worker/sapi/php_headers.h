// SPDX-License-Identifier: MIT
//
// PHP's own headers, in the one order that works, with the warnings of C code kept out of ours.
#pragma once

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
#include <Zend/zend_gc.h>
#include <Zend/zend_interfaces.h>
#include <Zend/zend_observer.h>
#include <Zend/zend_signal.h>
}
// clang-format on

#pragma GCC diagnostic pop
