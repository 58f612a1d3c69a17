// SPDX-License-Identifier: MIT
//
// Precompiled for rooms that read JSON in many places.
#include <simdjson.h>

#include "tools/pch/standard.h"
