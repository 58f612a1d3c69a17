// SPDX-License-Identifier: MIT
//
// Everything php-fpm needs before it can start: its program, its configuration, and the socket it
// listens on. We own the socket and hand it to each master, so we can connect before a master is
// up, and the socket outlives a master.
#pragma once

#include <string>
#include <utility>

#include "runtime/base/fd.h"
#include "runtime/base/result.h"

namespace phork::strategies {

// The program: `configured` (PHORK_FPM) unless it is empty, else `php-fpm` in `own`, the folder of
// our programs, as in a layer, else the first known name found in `path` (PATH) or in the usual
// folders of servers. The error lists what was tried.
base::Result<std::string> find_fpm(const std::string& configured, const std::string& own,
                                   const std::string& path);

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

// The configuration as a file in memory, which nobody can change: nothing to remove from /tmp,
// however bootstrap ends.
base::Result<base::Fd> keep_configuration(const std::string& text);

// A Unix stream socket that listens. To bind it takes a file in a folder of mode 0700; both are
// gone when listen() returns, and connections find it by a descriptor.
class FpmSocket {
 public:
  static base::Result<FpmSocket> listen();

  const base::Fd& listening() const { return listening_; }

  // A path that nothing is at.
  const std::string& name() const { return name_; }

  // Non-blocking.
  base::Result<base::Fd> connect() const;

 private:
  FpmSocket(std::string name, base::Fd listening, base::Fd place)
      : name_(std::move(name)), listening_(std::move(listening)), place_(std::move(place)) {}

  std::string name_;
  base::Fd listening_;
  base::Fd place_;  // what connect() connects to
};

}  // namespace phork::strategies
