// SPDX-License-Identifier: MIT
//
// The gateways that a case is sent through, and the needs that each of them cannot carry.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulator/gateway/payload.h"
#include "tests/http/http_case.h"

namespace phork::http_suite {

struct Gateway {
  std::string_view name;      // as the emulator knows it
  unsigned lacks = kNothing;  // of `Needs`
  bool decodes_path = false;
  bool rebuilds_query = false;  // the event holds parameters instead of the query's text
  bool joins_by_comma = false;  // repeated headers of a request, without a blank

  const emulator::Payload& payload() const;

  bool carries(const HttpCase& item) const { return (item.needs & lacks) == 0; }
};

const std::vector<Gateway>& all_gateways();

// The needs that a gateway lacks, in words, as docs/http.md lists them.
std::string describe(unsigned needs);

// The client, as every gateway sees it.
inline constexpr const char* kClientAddress = "203.0.113.9";

// The call as the reference server gets it: with the headers that a load balancer adds.
testing::HttpCall behind_gateway(testing::HttpCall call);

// The same call as an event.
std::string make_event(const Gateway& gateway, const testing::HttpCall& call);

}  // namespace phork::http_suite
