// SPDX-License-Identifier: MIT
//
// One line of what php-fpm's master writes to its standard error, taken apart. With
// decorate_workers_output on, it wraps each line that a worker wrote in one of its own, which tells
// the worker and which nothing a worker writes can imitate:
//
//   [20-Nov-2026 06:51:27] WARNING: [pool phork] child 6246 said into stderr: "the worker's line"
//   [20-Nov-2026 06:51:27] WARNING: [pool phork] child 6246 exited on signal 11 (SIGSEGV) after ...
//
// Pure. https://github.com/php/php-src/blob/PHP-8.2/sapi/fpm/fpm/fpm_stdio.c and fpm_children.c
#pragma once

#include <cstdint>
#include <string_view>
#include <sys/types.h>

#include "runtime/base/log.h"
#include "runtime/process/spawn.h"

namespace phork::strategies {

struct FpmLine {
  enum class Kind : std::uint8_t {
    kSaid,    // by a worker: `text` is its line, without what PHP puts before a logged message
    kEnded,   // a worker did, with `status`
    kMaster,  // all else, with `level`
  };

  Kind kind = Kind::kMaster;
  pid_t worker = 0;
  base::LogRecord::Source source = base::LogRecord::Source::kPhpError;  // of kSaid
  process::ExitStatus status;
  base::LogLevel level = base::LogLevel::kWarn;
  std::string_view text;  // borrows from the line
};

FpmLine parse_fpm_line(std::string_view line);

}  // namespace phork::strategies
