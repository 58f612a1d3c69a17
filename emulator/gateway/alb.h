// SPDX-License-Identifier: MIT
//
// An Application Load Balancer with a Lambda target group, in the two modes of its attribute
// `lambda.multi_value_headers.enabled`: each mode writes one family of maps and reads one.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
#pragma once

#include "emulator/gateway/payload.h"

namespace phork::emulator {

std::string make_alb_event(const HttpRequest& request, const GatewayContext& context);
HttpReply make_alb_reply(const EventResult& result);

std::string make_alb_multi_event(const HttpRequest& request, const GatewayContext& context);
HttpReply make_alb_multi_reply(const EventResult& result);

}  // namespace phork::emulator
