// SPDX-License-Identifier: MIT
#include "emulator/http/site_guard.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "emulator/http/authority.h"

namespace phork::emulator {
namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

std::string refusal_text(std::string_view header, std::string_view value, std::string_view reason) {
  std::string text = "phork: refuse a request of another site: ";
  text.append(header).append(" is '").append(value).append("', ").append(reason);
  return text;
}

// True if the page of `origin` came from the server that the request names as its own host.
bool is_same_origin(std::string_view origin, const Authority& own) {
  const bool secure = origin.starts_with("https://");
  if (!secure && !origin.starts_with("http://")) return false;
  origin.remove_prefix(origin.find("//") + 2);
  const std::optional<Authority> page = parse_authority(origin);
  const std::uint16_t usual = secure ? kHttpsPort : kHttpPort;
  return page && page->host == own.host && page->port.value_or(usual) == own.port.value_or(usual);
}

}  // namespace

std::optional<std::string> SiteGuard::refusal(const HttpRequest& head) const {
  std::optional<Authority> own;
  // No browser speaks HTTP/1.0, which needs no Host.
  if (!head.http_1_0 || !head.header("host").empty()) {
    own = parse_authority(head.header("host"));
    if (!own || !is_own(own->host)) {
      return refusal_text("Host", head.header("host"),
                          "which is not this machine; --allow-host NAME adds a name");
    }
  }
  for (const event::NameValue& header : head.headers) {
    // "none": the user typed the address.
    if (header.name == "sec-fetch-site" && header.value != "same-origin" &&
        header.value != "none") {
      return refusal_text("Sec-Fetch-Site", header.value, "expected same-origin or none");
    }
    if (header.name == "origin" && (!own || !is_same_origin(header.value, *own))) {
      return refusal_text("Origin", header.value, "expected none, or that of Host");
    }
  }
  return std::nullopt;
}

bool SiteGuard::is_own(const std::string& host) const {
  return is_loopback(host) || std::ranges::find(hosts_, host) != hosts_.end();
}

bool is_sent_by_page(const HttpRequest& head) {
  return std::ranges::any_of(head.headers, [](const event::NameValue& header) {
    return header.name == "origin" || header.name.starts_with("sec-fetch-");
  });
}

}  // namespace phork::emulator
