// SPDX-License-Identifier: MIT
//
// The answer of one event on its way from this process to the Runtime API (strategy inprocess): as
// a whole when it is made, or in pieces while it is. Borrows the API and the invocation.
#pragma once

#include <optional>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/response_stream.h"
#include "runtime/base/poll.h"
#include "runtime/base/result.h"
#include "runtime/http/stream_writer.h"
#include "runtime/lambda/streamed_answer.h"

namespace phork::sapi {

class ApiAnswer final : public ResponseSink {
 public:
  // A slow caller is waited for until `deadline`.
  ApiAnswer(lambda::RuntimeApi& api, const event::Invocation& invocation, base::Deadline deadline)
      : api_(api), invocation_(invocation), deadline_(deadline), stream_(api, invocation) {}

  // Of an HTTP event.
  void set_shape(http::EventShape shape) { shape_ = shape; }

  bool begin(std::uint16_t status, const std::vector<event::NameValue>& headers,
             std::string_view bytes) override;
  bool write(std::string_view bytes) override;

  // Answers with what the application made; the first call counts, as a response may have been
  // finished early. An error, the same from then on, means that the API is gone.
  base::Status post(const CallResult& result);

 private:
  event::Outcome outcome_of(const CallResult& result);

  lambda::RuntimeApi& api_;
  const event::Invocation& invocation_;
  const base::Deadline deadline_;
  lambda::StreamedAnswer stream_;
  http::EventShape shape_ = http::EventShape::kApiGatewayV2;
  std::optional<http::StreamWriter> writer_;  // once something was written
  std::optional<base::Status> posted_;
};

}  // namespace phork::sapi
