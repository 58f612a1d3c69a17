// SPDX-License-Identifier: MIT
//
// The file that a runtime under audit appends its records to (PHORK_AUDIT_RECORD): empty at first,
// readable by its owner only, gone with the object.
#pragma once

#include <string>

#include "runtime/base/pinned.h"

namespace phork::audit {

class RecordFile : private base::Pinned {
 public:
  // Throws SystemError where no file can be made.
  RecordFile();
  ~RecordFile();

  const std::string& path() const { return path_; }

  std::string read() const;

 private:
  std::string path_;
};

}  // namespace phork::audit
