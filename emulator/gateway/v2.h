// SPDX-License-Identifier: MIT
//
// Payload format 2.0 in its two variants. API Gateway's HTTP API decodes the path and answers a
// failure with 500; a function URL keeps the path as sent, has no account and answers 502.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
#pragma once

#include "emulator/gateway/payload.h"

namespace phork::emulator {

std::string make_v2_event(const HttpRequest& request, const GatewayContext& context);
HttpReply make_v2_reply(const EventResult& result);

std::string make_url_event(const HttpRequest& request, const GatewayContext& context);
HttpReply make_url_reply(const EventResult& result);

}  // namespace phork::emulator
