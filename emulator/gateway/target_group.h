// SPDX-License-Identifier: MIT
//
// The two load balancers with Lambda target groups: Application Load Balancer and VPC Lattice.
#pragma once

#include "emulator/gateway/payload.h"

namespace phork::emulator {

// ALB has two modes, chosen by the attribute `lambda.multi_value_headers.enabled`: one writes and
// reads maps of texts, the other maps of lists.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
std::string make_alb_event(const HttpRequest& request, const GatewayContext& context);
HttpReply make_alb_reply(const EventResult& result);

std::string make_alb_multi_event(const HttpRequest& request, const GatewayContext& context);
HttpReply make_alb_multi_reply(const EventResult& result);

// Event structure 2.0. Lattice does not send X-Forwarded-Proto; it is added here, because clients
// speak plain HTTP to the emulator.
// https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
std::string make_lattice_event(const HttpRequest& request, const GatewayContext& context);
HttpReply make_lattice_reply(const EventResult& result);

}  // namespace phork::emulator
