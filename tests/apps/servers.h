// SPDX-License-Identifier: MIT
//
// One application on three servers side by side: nginx with php-fpm, and `phork serve` with the
// strategies fork and fpm. All run the same unpacked code; each has a copy of the data of its own,
// so that all three begin in the same state. The destructor ends them and removes the copies.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/pinned.h"
#include "tests/apps/browser.h"
#include "tests/support/reference_server.h"
#include "tests/support/runtime_harness.h"

namespace phork::apps {

// A file or folder below APP_ROOT.
std::string in_root(const std::string& path);

// Paths are relative to APP_ROOT, where tests/apps/run unpacks the package.
struct Application {
  std::string name;
  std::string document_root;
  std::string preboot;                             // PHORK_PREBOOT, auto_prepend_file; may be empty
  std::map<std::string, std::string> environment;  // "$ROOT" in a value is APP_ROOT
};

// A folder below the system's temporary one with a copy of the data.
class Workspace : private base::Pinned {
 public:
  explicit Workspace(const Application& application);
  ~Workspace();

  const std::string& folder() const { return folder_; }

  // What PHP gets, whoever starts it.
  const std::map<std::string, std::string>& environment() const { return environment_; }

 private:
  std::string folder_;
  std::map<std::string, std::string> environment_;
};

// nginx in front of php-fpm.
class Reference {
 public:
  explicit Reference(const Application& application);

  std::uint16_t port() const { return server_.port(); }

  // What PHP logged; phork's is in the output of the program.
  std::string php_log() const;

 private:
  Workspace workspace_;
  testing::ReferenceServer server_;
};

// `phork serve` on a port of its own.
class Served {
 public:
  Served(const Application& application, const std::string& strategy);

  std::uint16_t port() const { return port_; }

  std::string output() const { return program_.output(); }

 private:
  Workspace workspace_;
  testing::Program program_;
  std::uint16_t port_ = 0;
};

}  // namespace phork::apps
