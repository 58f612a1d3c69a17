// SPDX-License-Identifier: MIT
//
// The Runtime API over HTTP, version 2018-06-01, as Lambda and its emulators speak it. Contract and
// failures: runtime_api.h. Connects with the first call and then keeps that one connection.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/pinned.h"
#include "runtime/lambda/runtime_api.h"
#include "runtime/lambda/variables.h"

namespace phork::lambda {

class ApiConnection;

// The platform records it as the release of the runtime.
inline constexpr const char* kUserAgent = "aws-lambda-phork/" PHORK_VERSION;

class HttpRuntimeApi final : public RuntimeApi, private base::Pinned {
 public:
  explicit HttpRuntimeApi(const Endpoint& endpoint, const std::string& user_agent = kUserAgent);
  ~HttpRuntimeApi() override;

  // A deadline that is missing, not a number or more than a day away (one emulator mistakes its
  // unit) becomes 15 minutes from now, the longest timeout of a function: serving the event is
  // worth more than refusing it for an unknown limit.
  base::Result<event::Invocation> next() override;
  base::Result<Posted> respond(const event::Invocation& invocation,
                               const event::Answer& answer) override;
  base::Result<Posted> fail(const event::Invocation& invocation,
                            const event::Failure& failure) override;

  void while_posting(std::function<void()> work) override { while_posting_ = std::move(work); }

  base::Status begin_stream(const event::Invocation& invocation,
                            const std::string& content_type) override;
  base::Status write_stream(std::string_view bytes, base::Deadline deadline) override;
  base::Result<Posted> end_stream(const event::Failure* failure) override;
  base::Result<Posted> fail_init(const event::Failure& failure) override;
  void interrupt() override;

 private:
  const std::unique_ptr<ApiConnection> connection_;
  std::function<void()> while_posting_;
};

}  // namespace phork::lambda
