// SPDX-License-Identifier: MIT
#include "packaging/archive/require_program.h"

#include "runtime/base/program.h"
#include "runtime/base/settings.h"

namespace phork::packaging {

base::Result<std::string> require_program(const std::vector<std::string>& names,
                                          const std::string& package) {
  std::string path = base::find_program(names, base::variable("PATH"));
  if (!path.empty()) return path;
  return base::Error{base::ErrorKind::kInvalid, "packaging: find program '" + names.back() +
                                                    "': expected it in PATH: apt install " +
                                                    package};
}

}  // namespace phork::packaging
