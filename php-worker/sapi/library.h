// SPDX-License-Identifier: MIT
//
// Our PHP library (php-worker/src) in this process. The application does not notice it: classes
// below Phork\ are loaded when code uses them, by PHP's own hook and not by an entry of
// spl_autoload_functions(). Its files are not in get_included_files(), take no number of a
// resource, and php.ini's open_basedir does not count for them. PHP's one thread.
#pragma once

#include <string>

#include "php-worker/sapi/php.h"

namespace phork::sapi {

// `folder` is the library's; a copy of phork in the application's vendor folder is not used. Call
// it after PHP has started; later calls change nothing.
void use_library(const std::string& folder);

// Declares the functions in a file of the library: Phork\onFork and its like in `functions`. May
// bail out.
void declare_library_functions(const char* file);

// Null when there is no such class. May bail out.
zend_class_entry* load_library_class(const char* name);

// True when code has used the class. `lower_name` in lower case.
bool has_used_class(const char* lower_name);

}  // namespace phork::sapi
