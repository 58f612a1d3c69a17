// SPDX-License-Identifier: MIT
//
// Everything php-fpm needs before it can start: its program, a private folder with its
// configuration, and the socket it listens on. We own the socket and hand it to each master, so we
// can connect before a master is up, and the socket outlives a master.
#pragma once

#include <string>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::strategies {

// The program: `configured` (PHORK_FPM) unless it is empty, else the first known name found in
// `path` (PATH) or in the usual folders of servers. The error lists what was tried.
base::Result<std::string> find_fpm(const std::string& configured, const std::string& path);

struct FpmPool {
  unsigned workers = 1;
  std::string listen;        // the name by which php-fpm knows its socket
  std::string prepend_file;  // runs before the entry
  std::string user;          // of the workers; "" to keep our own user and group
  std::string group;
};

// php-fpm answers a request for this path itself, as soon as the worker is idle:
// https://www.php.net/manual/en/install.fpm.configuration.php
inline constexpr const char* kFpmPingPath = "/phork-ping";

std::string fpm_configuration(const FpmPool& pool);

// A new folder under /tmp, mode 0700. The destructor removes it with everything in it.
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

// A Unix stream socket that listens at `path`, and a non-blocking connection to such a socket.
base::Result<base::Fd> listen_at(const std::string& path);
base::Result<base::Fd> connect_to(const std::string& path);

}  // namespace phork::strategies
