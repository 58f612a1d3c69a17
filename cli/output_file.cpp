// SPDX-License-Identifier: MIT
#include "cli/output_file.h"

#include <fstream>

namespace phork::cli {

base::Status write_output_file(std::string_view what, const std::string& path,
                               std::string_view text) {
  if (path.empty()) return base::ok_status();
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return base::ok_status();
  return base::Error{base::ErrorKind::kSystem,
                     "cli: write " + std::string(what) + " '" + path + "': cannot write there"};
}

}  // namespace phork::cli
