// SPDX-License-Identifier: MIT
//
// The reference for phork: Debian's nginx in front of Debian's php-fpm, configured as Debian's
// snippets and the manuals of PHP frameworks say. Both run as the current user, on sockets that are
// bound before they start, with all their files in a temporary folder; the destructor ends both and
// removes the folder.
//
// nginx is configured as behind a load balancer: the client's address, scheme and port are in the
// X-Forwarded headers, and the server's name is that of the Host header.
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
  std::map<std::string, std::string> environment;  // of php-fpm, for PHP code to read
  std::map<std::string, std::string> ini;          // on top of Debian's php.ini, not changeable
  unsigned workers = 1;
};

class ReferenceServer : private base::Pinned {
 public:
  // The missing programs and files; empty when there are none.
  static std::string missing_programs();

  explicit ReferenceServer(const ReferenceOptions& options);
  ~ReferenceServer();

  std::uint16_t port() const { return port_; }

  emulator::HttpReply call(const HttpCall& call) const { return call_server(port_, call); }

  // Everything both programs have printed so far; PHP's log is a part of it.
  std::string output() const;

 private:
  std::string folder_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Program> fpm_;
  std::unique_ptr<Program> nginx_;
};

}  // namespace phork::testing
