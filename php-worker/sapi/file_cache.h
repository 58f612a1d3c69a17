// SPDX-License-Identifier: MIT
//
// Compiled code that was made when the function was packaged, so that a cold start reads code and
// does not compile it: a folder of opcache (opcache.file_cache), with a file for each source below
// the id of this very PHP and its extensions. PHP takes a file only while its source has the
// modification time that it had when it was compiled.
//
// php-worker reads only a folder that it cannot write. An event runs as the same user, and what it
// put there would run in later environments. PHP's one thread.
#pragma once

#include <cstdint>

#include "runtime/base/result.h"

namespace phork::sapi {

enum class FileCache : std::uint8_t {
  kRead,   // where there is one that can be trusted
  kWrite,  // make one: PHP writes what it compiles
};

// Opens the folder that PHORK_FILE_CACHE names; docs/settings.md explains it. Call it when PHP's
// modules have started, before its first request. kInvalid or kSystem only with kWrite.
base::Status open_file_cache(FileCache use);

// After kWrite: lets every user read what was written.
base::Status publish_file_cache();

}  // namespace phork::sapi
