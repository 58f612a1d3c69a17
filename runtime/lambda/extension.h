// SPDX-License-Identifier: MIT
//
// The runtime as an internal extension without events. Lambda ends an environment without
// extensions by SIGKILL; one with any gets SIGTERM first, which is why phork registers. Lambda then
// counts the environment as one with extensions, so this is off unless PHORK_GRACEFUL_SHUTDOWN=on.
// A failure here does not keep events from being served. One thread.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
#pragma once

#include <string>

#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/lambda/api_connection.h"
#include "runtime/lambda/variables.h"

namespace phork::lambda {

class Extension : private base::Pinned {
 public:
  explicit Extension(const Endpoint& endpoint) : connection_(endpoint) {}

  // Waits for the API. Before the runtime's first `next`: later registrations are refused, as is
  // SHUTDOWN for an extension inside the runtime's process.
  base::Status enroll();

  // Asks for the extension's next event, by which Lambda knows that it is ready; no event ever
  // comes. After enroll().
  base::Status ask();
  // Reads what came, when socket() is readable. Ok: the API closed the kept connection, ask again.
  base::Status collect();

  // The next ask() opens another connection: after the restore of a snapshot.
  void disconnect() { connection_.adopt(base::Fd()); }

  // The descriptor on which ask() waits. ask() and collect() may close it.
  int socket() const { return connection_.socket(); }

 private:
  ApiConnection connection_;
  std::string identifier_line_;  // by which Lambda knows this extension
};

}  // namespace phork::lambda
