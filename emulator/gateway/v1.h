// SPDX-License-Identifier: MIT
//
// Payload format 1.0: a REST API of API Gateway with a proxy integration of `/{proxy+}`, in the
// stage `prod`. Assumes that the API is configured for all binary media types: bodies that are not
// text arrive as base64, and an answer is decoded when it says isBase64Encoded.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
#pragma once

#include "emulator/gateway/payload.h"

namespace phork::emulator {

std::string make_v1_event(const HttpRequest& request, const GatewayContext& context);
HttpReply make_v1_reply(const EventResult& result);

}  // namespace phork::emulator
