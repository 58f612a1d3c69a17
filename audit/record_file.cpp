// SPDX-License-Identifier: MIT
#include "audit/record_file.h"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::audit {

RecordFile::RecordFile()
    : path_((std::filesystem::temp_directory_path() / "phork-audit-XXXXXX").string()) {
  const base::Fd made(base::check(::mkostemp(path_.data(), O_CLOEXEC), "audit: make record file"));
}

RecordFile::~RecordFile() {
  ::unlink(path_.c_str());
}

std::string RecordFile::read() const {
  std::ifstream stream(path_, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace phork::audit
