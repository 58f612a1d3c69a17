// SPDX-License-Identifier: MIT
//
// Precompiled for the command line, where CLI11 is nine tenths of a compilation.
#include <CLI/CLI.hpp>

#include "tools/pch/standard.h"
