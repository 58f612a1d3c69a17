// SPDX-License-Identifier: MIT
//
// A web server that runs PHP elsewhere than on Lambda, on a port of loopback, as the current user,
// with its files in a folder of its own: nginx in front of php-fpm as Debian configures them, or
// `php -S`. The destructor ends every process and removes the folder. Several threads may call the
// server; everything else is one thread's.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/subjects/runtime_log.h"
#include "bench/subjects/subject.h"
#include "runtime/base/pinned.h"
#include "runtime/process/spawn.h"

namespace phork::bench {

class WebServer : private base::Pinned {
 public:
  // Serves `workers` requests at once.
  explicit WebServer(Launch launch, unsigned workers = 1);
  ~WebServer();

  // Returns when PHP is there to take a request, none of which has reached the application yet.
  base::Status start();

  std::uint16_t port() const { return port_; }

  RuntimeUsage usage() const;
  TreeCost cost() const;

  std::int64_t cold_start_us() const { return cold_start_us_; }

  // With what the server printed last.
  base::Error failure(const std::string& action, const std::string& reason);

 private:
  using Clock = std::chrono::steady_clock;

  base::Status start_nginx_and_fpm();
  base::Status start_php_server();
  base::Status spawn(process::SpawnOptions options);
  base::Status wait_until_ready(bool pinged);

  const Launch launch_;
  const unsigned workers_;
  std::string folder_;
  RuntimeLog log_;
  std::vector<std::unique_ptr<process::Process>> processes_;  // what serves first
  std::uint16_t port_ = 0;
  std::int64_t cold_start_us_ = 0;
};

}  // namespace phork::bench
