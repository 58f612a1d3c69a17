// SPDX-License-Identifier: MIT
#include "packaging/archive/find_program.h"

#include <sstream>
#include <unistd.h>

#include "runtime/base/settings.h"

namespace phork::packaging {

base::Result<std::string> find_program(const std::string& name, const std::string& package) {
  std::istringstream folders(base::variable("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string path = folder + "/" + name;
    if (!folder.empty() && ::access(path.c_str(), X_OK) == 0) return path;
  }
  return base::Error{
      base::ErrorKind::kInvalid,
      "packaging: find program '" + name + "': expected it in PATH: apt install " + package};
}

}  // namespace phork::packaging
