// SPDX-License-Identifier: MIT
#include "emulator/http/authority.h"

#include <algorithm>
#include <arpa/inet.h>
#include <netinet/in.h>

#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

constexpr std::uint32_t kLoopbackNet = 127;
constexpr unsigned kNetShift = 24;

bool is_alphanumeric(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

// In lower case.
bool is_name(std::string_view host) {
  constexpr std::string_view kMarks = "-._~%!$&'()*+,;=";
  return !host.empty() && std::ranges::all_of(host, [kMarks](char byte) {
    return is_alphanumeric(byte) || kMarks.find(byte) != std::string_view::npos;
  });
}

bool is_ip6_literal(std::string_view host) {
  if (host.size() < 4 || !host.starts_with('[') || !host.ends_with(']')) return false;
  const std::string address(host.substr(1, host.size() - 2));
  in6_addr parsed{};
  return ::inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  const std::size_t bracket = text.rfind(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  Authority authority{base::lower_case(text.substr(0, colon)), std::nullopt};
  if (!is_name(authority.host) && !is_ip6_literal(authority.host)) return std::nullopt;
  const std::string_view port =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (port.empty()) return authority;  // "host:" is the same as "host"
  authority.port = base::parse_number<std::uint16_t>(port);
  if (!authority.port) return std::nullopt;
  return authority;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  if (is_ip6_literal(host)) {
    const std::string address(host.substr(1, host.size() - 2));
    in6_addr parsed{};
    ::inet_pton(AF_INET6, address.c_str(), &parsed);
    return std::ranges::equal(parsed.s6_addr, in6addr_loopback.s6_addr);
  }
  in_addr parsed{};
  // Takes four decimal numbers only, as browsers write every other form of an address.
  if (::inet_pton(AF_INET, std::string(host).c_str(), &parsed) != 1) return false;
  return ntohl(parsed.s_addr) >> kNetShift == kLoopbackNet;
}

}  // namespace phork::emulator
