// SPDX-License-Identifier: MIT
//
// What phork is compared with: Debian's nginx in front of Debian's php-fpm, configured as
// Debian's snippets and the manuals of PHP frameworks say. Both run as the current user, on
// sockets that are bound before they start, with all their files in a folder of their own; the
// destructor ends both and removes the folder.
//
// nginx is told what a server behind a load balancer is always told: that the client's address,
// scheme and port are in the X-Forwarded headers, and that the server's name is the host's.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "tests/support/http_client.h"
#include "tests/support/runtime_harness.h"

namespace phork::testing {

struct ReferenceOptions {
  std::string document_root;
  std::map<std::string, std::string> environment;  // php-fpm's, so that code can read it
  std::map<std::string, std::string> ini;          // on top of Debian's php.ini, not changeable
  unsigned workers = 1;
};

class ReferenceServer : private base::Pinned {
 public:
  // Empty when both programs are there, else what is missing.
  static std::string missing_programs();

  explicit ReferenceServer(const ReferenceOptions& options);
  ~ReferenceServer();

  std::uint16_t port() const { return port_; }

  emulator::HttpReply call(const HttpCall& call) const { return call_server(port_, call); }

  // What both programs printed so far; PHP's log is a part of it.
  std::string output() const;

 private:
  std::string folder_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Program> fpm_;
  std::unique_ptr<Program> nginx_;
};

}  // namespace phork::testing
