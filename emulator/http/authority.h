// SPDX-License-Identifier: MIT
//
// The host and port that a request, or the page that sent it, names. Pure.
// https://www.rfc-editor.org/rfc/rfc3986#section-3.2
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace phork::emulator {

struct Authority {
  std::string host;                   // in lower case; an IPv6 address keeps its brackets
  std::optional<std::uint16_t> port;  // as stated

  bool operator==(const Authority&) const = default;
};

// "host", "host:port" or "[address]:port"; nullopt for anything else, such as a user name.
std::optional<Authority> parse_authority(std::string_view text);

// True for the names and addresses that no name server can give to another machine: localhost and
// the names below it, 127.0.0.0/8 and [::1]. Not 0.0.0.0, through which pages of other sites have
// reached local servers.
bool is_loopback(std::string_view host);

}  // namespace phork::emulator
