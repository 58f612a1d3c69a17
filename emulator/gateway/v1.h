// SPDX-License-Identifier: MIT
//
// Payload format 1.0: API Gateway's REST API with a proxy integration of `/{proxy+}`, in the stage
// `prod`. The API is taken to be set up for binary media: all that is no text arrives as base64,
// and an answer is decoded whenever it says that it is encoded.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
#pragma once

#include "emulator/gateway/payload.h"

namespace phork::emulator {

std::string make_v1_event(const HttpRequest& request, const GatewayContext& context);
HttpReply make_v1_reply(const EventResult& result);

}  // namespace phork::emulator
