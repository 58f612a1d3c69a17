// SPDX-License-Identifier: MIT
//
// Layers and packages of functions that a test makes with `phork package`, and runs as Lambda
// would.
#pragma once

#include <string>
#include <vector>

#include "tests/support/runtime_harness.h"

namespace phork::testing {

// A layer with what is installed here, or in the system PHORK_LAYER_ROOT, and with php-fpm: made
// and unpacked once for all tests of the program. Fails the test when it cannot be made.
struct MadeLayer {
  std::string zip;
  std::string manifest;
  std::string folder;  // unpacked, as /opt
};

const MadeLayer& made_layer();

// The options by which `phork package --layer` finds everything in the same system.
std::vector<std::string> layer_system();

// Runs `phork package`.
Finished package(std::vector<std::string> arguments);

// Unpacks a zip to a folder.
void unpack(const std::string& zip, const std::string& folder);

// One event of the application in `folder`, served by the layer where nothing else is there, or
// in the system PHORK_OLD_ROOT: read-only, without a network but for the Runtime API, and by a user
// without rights. The answer is the last line of the output.
Finished invoke_in_layer(const std::string& folder, std::vector<std::string> arguments);

}  // namespace phork::testing
