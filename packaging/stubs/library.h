// SPDX-License-Identifier: MIT
//
// Functions that fail, for libraries that take the place of larger ones in a layer. The callers are
// compiled against the real ones, so names alone have to match: arguments are ignored, and what is
// returned is an error for every caller in Debian's libcurl, libpq and libxml2.
#pragma once

// A function that returns a pointer, or a number of which zero is the error.
#define PHORK_RETURNS_NULL(name)                                 \
  extern "C" __attribute__((visibility("default"))) long name(); \
  extern "C" long name() {                                       \
    return 0;                                                    \
  }

// A function that returns a status of which zero is success.
#define PHORK_FAILS(name)                                        \
  extern "C" __attribute__((visibility("default"))) long name(); \
  extern "C" long name() {                                       \
    return -1;                                                   \
  }
