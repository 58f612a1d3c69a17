// SPDX-License-Identifier: MIT
#include "emulator/gateway/payload.h"

#include <algorithm>
#include <array>

#include "emulator/gateway/target_group.h"
#include "emulator/gateway/v1.h"
#include "emulator/gateway/v2.h"

namespace phork::emulator {
namespace {

constexpr std::array kPayloads = {
    Payload{"v2", make_v2_event, make_v2_reply},
    Payload{"url", make_url_event, make_url_reply},
    Payload{"v1", make_v1_event, make_v1_reply},
    Payload{"alb", make_alb_event, make_alb_reply},
    Payload{"alb-multi", make_alb_multi_event, make_alb_multi_reply},
    Payload{"lattice", make_lattice_event, make_lattice_reply},
};

}  // namespace

std::span<const Payload> payloads() {
  return kPayloads;
}

const Payload* find_payload(std::string_view name) {
  const auto* const found = std::ranges::find(kPayloads, name, &Payload::name);
  return found == kPayloads.end() ? nullptr : found;
}

}  // namespace phork::emulator
