// SPDX-License-Identifier: MIT
//
// The shared libraries that the programs of a layer need, to the last one, so that nothing of the
// system below it is used.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "packaging/layer/extensions.h"
#include "packaging/layer/system_root.h"
#include "runtime/base/result.h"

namespace phork::packaging {

// Some libraries are large and serve a feature that nobody needs in a function. Small libraries of
// the same name, whose functions fail, take their place; docs/packaging.md lists them.
class StandIns {
 public:
  // `folder` has the files; the extensions named in `wanted` get the real libraries.
  StandIns(std::filesystem::path folder, const std::set<std::string>& wanted);

  // The file that takes the place of the library; empty for all others.
  std::filesystem::path find(const std::string& library) const;

 private:
  std::filesystem::path folder_;
  std::set<std::string> real_;  // beginnings of names
};

struct Library {
  std::string path;  // in the system; empty for a stand-in
  std::filesystem::path stand_in;
};

using Libraries = std::map<std::string, Library>;  // by name, as programs ask for them

// The libraries that the files need. kInvalid for a library that is not in `root`, or for another
// processor.
base::Result<Libraries> find_libraries(const SystemRoot& root, const PhpBuild& php,
                                       const std::vector<std::filesystem::path>& files,
                                       const StandIns& stand_ins);

}  // namespace phork::packaging
