// SPDX-License-Identifier: MIT
//
// What a php-fpm needs before it can be started: its program, a private folder with its
// configuration, and the socket it listens on. The socket is ours and is handed to each master: one
// can connect before the master is up, and it stays when a master ends.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::strategies {

// The program: `told` (PHORK_FPM) unless it is empty, else the first of the known names in `path`
// (as in PATH) or the folders where systems keep servers. The error lists what was tried.
base::Result<std::string> find_fpm(const std::string& told, const std::string& path);

struct FpmPool {
  unsigned workers = 1;
  std::string listen;      // the name php-fpm knows its socket by
  std::string front_file;  // run before the entry
  std::string user;        // the workers' user and group, "" when they can only be our own
  std::string group;
};

// The request that is answered by php-fpm itself, once the worker is idle. https://www.php.net/fpm
inline constexpr const char* kFpmPingPath = "/phork-ping";

std::string fpm_configuration(const FpmPool& pool);

// A folder of our own under /tmp, for our user only; removed with all that is in it.
class PrivateFolder {
 public:
  static base::Result<PrivateFolder> make();

  PrivateFolder(PrivateFolder&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }

  PrivateFolder& operator=(PrivateFolder&&) = delete;
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;
  ~PrivateFolder();

  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  explicit PrivateFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

base::Status write_file(const std::string& path, const std::string& text);

// A Unix stream socket bound to `path` that listens; and a non-blocking connection to one.
base::Result<base::Fd> listen_at(const std::string& path);
base::Result<base::Fd> connect_to(const std::string& path);

}  // namespace phork::strategies
