// SPDX-License-Identifier: MIT
//
// `phork serve` of a folder, on a free port and ready for requests. Its destructor ends it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/http_client.h"
#include "tests/support/runtime_harness.h"

namespace phork::testing {

class Served : private base::Pinned {
 public:
  // Runs `phork serve FOLDER --port 0 FLAGS`, with Lambda's log unless a flag says otherwise; fails
  // the test when it is not ready within 10 s.
  explicit Served(const std::string& folder, const std::vector<std::string>& flags = {},
                  const std::map<std::string, std::string>& environment = {});

  std::uint16_t port() const { return port_; }

  Program& program() { return program_; }

  // Everything it has printed so far.
  std::string log() const { return program_.output(); }

  // Waits until `text` is in the log; false when it is not within 10 s.
  bool logs(const std::string& text) const;

  emulator::HttpReply call(const HttpCall& call = {}) const { return call_server(port_, call); }

 private:
  Program program_;
  std::uint16_t port_ = 0;
};

}  // namespace phork::testing
