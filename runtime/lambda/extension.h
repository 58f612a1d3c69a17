// SPDX-License-Identifier: MIT
//
// The runtime as an internal extension without events. Lambda ends an environment without
// extensions by SIGKILL; one with any gets SIGTERM first, which is why phork registers. Lambda then
// counts the environment as one with extensions, so this is off unless PHORK_GRACEFUL_SHUTDOWN=on.
// A failure here is logged and does not keep events from being served.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
#pragma once

#include <string>
#include <thread>

#include "runtime/base/pinned.h"
#include "runtime/base/result.h"
#include "runtime/lambda/api_connection.h"
#include "runtime/lambda/variables.h"

namespace phork::lambda {

// One thread at a time, except interrupt().
class Extension : private base::Pinned {
 public:
  explicit Extension(const Endpoint& endpoint);

  // Returns the identifier that Lambda knows this extension by. Before the runtime's first `next`:
  // later ones are refused, as is SHUTDOWN for an extension inside the runtime's process.
  base::Result<std::string> enroll();

  // Asks for the extension's next event, by which Lambda knows that it is ready; no event ever
  // comes. Returns with an error only: kStopped after interrupt().
  base::Error park(const std::string& identifier);

  // From any thread or signal handler, for good: park() returns.
  void interrupt();

 private:
  ApiConnection connection_;
};

// An extension that the constructor enrolls and that stays parked, until the destructor, on a
// thread which blocks all signals. A failure is logged, once.
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
