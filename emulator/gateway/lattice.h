// SPDX-License-Identifier: MIT
//
// A VPC Lattice service with a Lambda target, event structure 2.0. Lattice itself names no
// protocol; it is added to the headers here, as the client speaks plain HTTP to the emulator.
// https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
#pragma once

#include "emulator/gateway/payload.h"

namespace phork::emulator {

std::string make_lattice_event(const HttpRequest& request, const GatewayContext& context);
HttpReply make_lattice_reply(const EventResult& result);

}  // namespace phork::emulator
