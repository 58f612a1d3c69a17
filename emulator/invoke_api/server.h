// SPDX-License-Identifier: MIT
//
// Lambda's Invoke API for the local function, for the AWS CLI and the SDKs: synchronous and
// asynchronous events, dry runs, and answers as event streams. The connection's own thread carries
// a synchronous event. As on Lambda, a failure of the function has status 200 and the header
// X-Amz-Function-Error; other statuses are errors of the call.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "emulator/environments/local_lambda.h"
#include "emulator/http/connection.h"
#include "emulator/invoke_api/async_invocations.h"
#include "emulator/invoke_api/request.h"

namespace phork::emulator {

class InvokeApi final : public HttpRoute {
 public:
  // The most synchronous events at a time: Lambda's default for an account.
  static constexpr unsigned kMostAtOnce = 1000;

  struct Options {
    // Delay before the first retry of an asynchronous event.
    std::chrono::milliseconds retry_delay{60'000};
    unsigned most_at_once = kMostAtOnce;
  };

  // Borrows `lambda`.
  InvokeApi(LocalLambda& lambda, Options options);

  bool takes(const HttpRequest& head) const override;
  std::size_t body_limit() const override;
  void handle(HttpRequest request, HttpConnection& connection) override;

  // Drops the asynchronous events that wait; lambda.request_stop() ends those under way.
  void stop() { async_.stop(); }

 private:
  void serve(InvokeRequest asked, HttpConnection& connection);
  void serve_whole(InvokeRequest asked, HttpConnection& connection);
  void serve_streamed(InvokeRequest asked, HttpConnection& connection);
  std::string log_result(const InvokeRequest& asked, const std::string& request_id,
                         const EventResult& result) const;

  LocalLambda& lambda_;
  const Options options_;
  std::atomic<unsigned> under_way_ = 0;
  AsyncInvocations async_;  // last, so that its threads end before the members that they use
};

}  // namespace phork::emulator
