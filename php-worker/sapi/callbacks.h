// SPDX-License-Identifier: MIT
//
// The functions that PHP's SAPI calls to reach the outside: output, headers, body, cookies, server
// variables, settings, log. All work on `current_context()`, on PHP's one thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "php-worker/sapi/php.h"

namespace phork::sapi {

// The module to start PHP with. Its name is `fpm-fcgi`, because opcache works only under names that
// it knows, and frameworks look at PHP_SAPI to learn what they may expect.
sapi_module_struct& sapi_module_table();

// Before PHP starts: the name becomes `cli`, and the functions those of a console.
void become_console();

// Writes to standard output or error, on which PHP's own text goes the same way.
void write_output(int fd, std::string_view text);

// Settings that overrule php.ini. Set them after sapi_startup(), which clears them.
char* forced_ini();

// The form in which phpinfo() and errors that are displayed are written.
enum class OutputForm : std::uint8_t { kText, kHtml };

// With kHtml php.ini's html_errors decides on errors.
void set_form(OutputForm form);

// Ends the lines that PHP's output has left without an end, where the process goes on: the text
// that follows belongs to another event.
void end_output_lines();

// Completes the response of an HTTP entry: PHP's buffers are flushed into the body and the headers
// are fixed. May bail out, because output callbacks are user code.
void complete_response();

}  // namespace phork::sapi
