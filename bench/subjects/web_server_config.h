// SPDX-License-Identifier: MIT
//
// Configurations of nginx and php-fpm, written for each start: one site, in which every path leads
// to one script, as the manuals of PHP frameworks recommend. Everything else keeps Debian's
// defaults. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace phork::bench {

struct WebSite {
  std::string folder;  // for the server's own files
  std::string script;  // absolute
  std::uint16_t port = 0;
  unsigned workers = 1;
  bool as_root = false;  // stay root: the user that both would change to may read no file of ours
};

// php-fpm itself answers this path once a worker is ready. https://www.php.net/fpm
inline constexpr const char* kPingPath = "/phork-bench-ping";

// Path of the socket between nginx and php-fpm.
std::string fpm_socket(const WebSite& site);

std::string nginx_configuration(const WebSite& site);
std::string fpm_configuration(const WebSite& site);

}  // namespace phork::bench
