// SPDX-License-Identifier: MIT
//
// Keeps the pages of other sites away from the emulator's own paths. A developer's browser sends
// what any page tells it to, to 127.0.0.1 too: a page could invoke the function with a form, and
// with a name that it lets point to 127.0.0.1 (DNS rebinding) even read the log. Browsers say who
// made them send a request, and a page can change none of these headers:
// https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
// https://www.rfc-editor.org/rfc/rfc6454#section-7
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emulator/http/message.h"

namespace phork::emulator {

class SiteGuard {
 public:
  // `hosts`, in lower case, are names of this machine beside those of its loopback.
  explicit SiteGuard(std::vector<std::string> hosts = {}) : hosts_(std::move(hosts)) {}

  // Why a request with this head is refused; nullopt if no page of another site sent it.
  std::optional<std::string> refusal(const HttpRequest& head) const;

 private:
  bool is_own(const std::string& host) const;

  std::vector<std::string> hosts_;
};

// True if a browser sent a request with this head for a page.
bool is_sent_by_page(const HttpRequest& head);

}  // namespace phork::emulator
