// SPDX-License-Identifier: MIT
#include "runtime/lambda/extension.h"

#include <csignal>
#include <string_view>
#include <utility>

#include "runtime/base/log.h"
#include "runtime/base/pinned.h"

namespace phork::lambda {
namespace {

using base::Error;
using base::ErrorKind;

constexpr const char* kRegisterPath = "/2020-01-01/extension/register";
constexpr const char* kNextPath = "/2020-01-01/extension/event/next";
constexpr const char* kIdentifierHeader = "Lambda-Extension-Identifier";
constexpr std::string_view kNoEvents = R"({"events":[]})";

// Signals are for the threads that expect them; a new thread inherits the mask of the one that
// starts it.
class BlockedSignals : private base::Pinned {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }

  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

Extension::Extension(const Endpoint& endpoint)
    : connection_(endpoint, {.is_interruptible = true}) {}

base::Result<std::string> Extension::enroll() {
  const auto response = connection_.post(
      kRegisterPath, "Content-Type: application/json\r\nLambda-Extension-Name: phork\r\n",
      kNoEvents);
  if (!response) return response.error();
  const std::string what = "lambda: register extension '" + connection_.address() + "': expected ";
  if (response->status != 200) {
    return Error{ErrorKind::kRefused, what + "status 200, got " + std::to_string(response->status)};
  }
  std::string identifier(response->header(kIdentifierHeader));
  if (identifier.empty()) {
    return Error{ErrorKind::kInvalid, what + "header " + kIdentifierHeader + ", got none"};
  }
  return identifier;
}

base::Error Extension::park(const std::string& identifier) {
  const auto response =
      connection_.get(kNextPath, std::string(kIdentifierHeader) + ": " + identifier + "\r\n");
  if (!response) return response.error();
  return {ErrorKind::kRefused, "lambda: park extension '" + connection_.address() +
                                   "': expected no answer, got status " +
                                   std::to_string(response->status)};
}

void Extension::interrupt() {
  connection_.interrupt();
}

ParkedExtension::ParkedExtension(const Endpoint& endpoint, std::string identifier)
    : extension_(endpoint), identifier_(std::move(identifier)) {
  if (identifier_.empty()) {
    auto enrolled = extension_.enroll();
    if (!enrolled) {
      base::log_error(enrolled.error().text + "; there will be no graceful shutdown");
      return;
    }
    identifier_ = std::move(enrolled).value();
  }
  const BlockedSignals blocked;
  thread_ = std::thread([this] {
    const Error error = extension_.park(identifier_);
    if (error.kind != ErrorKind::kStopped) base::log_warn(error.text);
  });
}

ParkedExtension::~ParkedExtension() {
  extension_.interrupt();
  if (thread_.joinable()) thread_.join();
}

}  // namespace phork::lambda
