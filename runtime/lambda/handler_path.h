// SPDX-License-Identifier: MIT
//
// Finds the PHP file that `_HANDLER` names. It has three forms: a file, `public/index.php`;
// `name.function`, as in Lambda's own tutorial on custom runtimes: that function in src/name.php or
// name.php; and a name without a dot, `bin/console`: one of these two, or a file of that very name.
// The handler is set by the owner of the function and is no input, so an absolute path or
// one with `..` is used as it is; like any other it has to exist.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-walkthrough.html
#pragma once

#include <string>

#include "runtime/base/result.h"

namespace phork::lambda {

struct Entry {
  std::string file;      // exists and can be read
  std::string function;  // empty: the file itself is the entry
};

// Errors are kInvalid and say which files were tried, in order.
base::Result<Entry> resolve_handler(const std::string& handler, const std::string& task_root);

// The file that PHORK_PREBOOT names, relative to the task root; "" gives "".
base::Result<std::string> resolve_preboot(const std::string& name, const std::string& task_root);

}  // namespace phork::lambda
