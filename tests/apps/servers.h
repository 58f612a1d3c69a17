// SPDX-License-Identifier: MIT
//
// One application on three servers side by side: nginx with php-fpm, and `phork serve` with the
// strategies fork and fpm. All run the same unpacked code; each has its own copy of the data, so
// that all three begin in the same state. The destructors end them and remove the copies.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/base/pinned.h"
#include "tests/apps/browser.h"
#include "tests/support/reference_server.h"
#include "tests/support/served.h"

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

  // The environment of PHP on every server.
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

  // The log of PHP; that of a PhorkServer is in its output.
  std::string php_log() const;

 private:
  Workspace workspace_;
  testing::ReferenceServer server_;
};

// `phork serve` with one strategy.
class PhorkServer {
 public:
  PhorkServer(const Application& application, const std::string& strategy);

  std::uint16_t port() const { return server_.port(); }

  std::string output() const { return server_.log(); }

 private:
  Workspace workspace_;
  testing::Served server_;
};

}  // namespace phork::apps
