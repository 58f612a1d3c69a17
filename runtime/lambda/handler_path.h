// SPDX-License-Identifier: MIT
//
// Finds the PHP file that `_HANDLER` names. It has three forms: a file, `public/index.php`;
// `name.function`, as in Lambda's own tutorial on custom runtimes: that function in src/name.php or
// name.php; and a name without a dot: one of these two, or the function of the same name in it, or
// a file of that very name, `bin/console`. The handler is set by the owner of the function and is
// no input, so an absolute path or one with `..` is used as it is; like any other it has to exist.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-walkthrough.html
//
// With BREF_RUNTIME=function it is a name in Bref's container, which our bridge to Bref asks.
#pragma once

#include <string>
#include <vector>

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

struct EntryFiles {
  Entry entry;
  std::string preboot;  // "" when there is none
};

// True where a function with this environment (NAME=VALUE) has its handler in Bref's container, and
// not necessarily in a file.
bool has_container(const std::vector<std::string>& environment);

// The files that _HANDLER, PHORK_PREBOOT and BREF_RUNTIME name: the application's, or in their
// place those of our bridge to Bref, in `library`, the folder of our PHP files.
base::Result<EntryFiles> find_entry_files(const std::string& task_root, const std::string& library);

}  // namespace phork::lambda
