// SPDX-License-Identifier: MIT
//
// The flags of bootstrap. The program and its manual (tools/manual) read the same tree.
#pragma once

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11's
class App;
}

namespace phork::supervisor {

// Empty means not given.
struct Flags {
  std::string strategy;
  std::string handler;
  bool list_strategies = false;

  // `app` refers to these flags, which have to outlive it.
  void add_to(CLI::App& app);
};

}  // namespace phork::supervisor
