// SPDX-License-Identifier: MIT
//
// Configurations of the web servers, made up anew for each start: one site, whose every path leads
// to one script, as the manuals of PHP frameworks have it. What they leave open stays as Debian
// ships it. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace phork::bench {

struct WebSite {
  std::string folder;  // of the server's own files
  std::string script;  // absolute
  std::uint16_t port = 0;
  unsigned workers = 1;
  bool as_root = false;  // both servers would change to another user, who may read nothing
};

// Answered by php-fpm itself, once a worker is there. https://www.php.net/fpm
inline constexpr const char* kPingPath = "/phork-bench-ping";

// Where php-fpm listens and nginx finds it.
std::string fpm_socket(const WebSite& site);

std::string nginx_configuration(const WebSite& site);
std::string fpm_configuration(const WebSite& site);

}  // namespace phork::bench
