// SPDX-License-Identifier: MIT
//
// The runtime as an internal extension without events. Lambda ends an environment that has no
// extension by SIGKILL; one that has any gets SIGTERM first, which is what this buys. The price is
// that Lambda counts the environment as one with extensions, so it is asked for, never the default
// (PHORK_GRACEFUL_SHUTDOWN). Nothing here is a reason not to serve: failures are for the log.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/lambda/environment.h"

namespace phork::lambda {

class ApiConnection;

// One thread at a time, except interrupt().
class Extension : private base::Pinned {
 public:
  explicit Extension(const Endpoint& endpoint);
  ~Extension();

  // Returns the identifier that Lambda knows this extension by. Before the runtime's first `next`:
  // later ones are refused, as is SHUTDOWN for an extension inside the runtime's process.
  base::Result<std::string> enroll();

  // Asks for the extension's next event, by which Lambda knows that it is ready, and waits for the
  // one that never comes. Returns with an error only: kStopped after interrupt().
  base::Error park(const std::string& identifier);

  // From any thread or signal handler, once and for all: park() returns.
  void interrupt();

 private:
  const std::unique_ptr<ApiConnection> connection_;
};

// An extension that is enrolled when this is made and parked on a thread of its own, which blocks
// all signals, as long as it lives. A failure is logged, once.
class ParkedExtension : private base::Pinned {
 public:
  // `identifier`: of a program that has enrolled before and was replaced by this one, or "".
  explicit ParkedExtension(const Endpoint& endpoint, std::string identifier = "");
  ~ParkedExtension();

  // "" when Lambda did not take it.
  const std::string& identifier() const { return identifier_; }

 private:
  Extension extension_;
  std::string identifier_;
  std::thread thread_;
};

}  // namespace phork::lambda
