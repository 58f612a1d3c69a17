// SPDX-License-Identifier: MIT
#include "runtime/http/invocation_context.h"

#include "runtime/base/json_writer.h"

namespace phork::http {

std::string invocation_context_json(const event::Invocation& invocation) {
  base::JsonWriter json;
  json.begin_object().field("awsRequestId", invocation.request_id);
  json.key("deadlineMs").integer(invocation.deadline.time_since_epoch().count());
  json.field("invokedFunctionArn", invocation.function_arn)
      .field("traceId", invocation.trace_id)
      .end_object();
  return std::move(json).text();
}

}  // namespace phork::http
