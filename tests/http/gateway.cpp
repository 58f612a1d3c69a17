// SPDX-License-Identifier: MIT
#include "tests/http/gateway.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <variant>

#include <doctest/doctest.h>

#include "emulator/http/request_head.h"
#include "runtime/base/text.h"

namespace phork::http_suite {
namespace {

using testing::header_values;
using testing::HttpCall;

// Every gateway has these headers.
HttpCall complete(HttpCall call) {
  const auto set_if_absent = [&call](const char* name, const char* value) {
    if (header_values(call.headers, base::lower_case(name)).empty()) {
      call.headers.push_back({name, value});
    }
  };
  set_if_absent("Host", "shop.example");
  set_if_absent("X-Forwarded-Proto", "https");
  set_if_absent("X-Forwarded-Port", "443");
  return call;
}

emulator::HttpRequest parse(const HttpCall& call) {
  const std::string text = request_text(call);
  auto parsed = emulator::parse_request_head(text.substr(0, text.find("\r\n\r\n") + 4));
  REQUIRE_MESSAGE(std::holds_alternative<emulator::HttpRequest>(parsed), text.substr(0, 200));
  auto request = std::get<emulator::HttpRequest>(std::move(parsed));
  request.body = call.body;
  request.remote_address = kClientAddress;
  return request;
}

struct Described {
  unsigned needs;
  std::string_view words;
};

constexpr std::array kDescribed{
    Described{kRepeatedQueryNames, "a name twice in the query"},
    Described{kUndecodedPath, "`%2F` and `%25` in the path"},
    Described{kUndecodedQuery, "bytes in the query that are not UTF-8"},
    Described{kRepeatedHeader, "a request header twice"},
    Described{kCookieText, "the blanks between cookies"},
    Described{kRepeatedAnswerHeader, "two `Set-Cookie` in an answer"},
    Described{kAnyAnswerHeader, "`WWW-Authenticate`, which it renames"},
};

}  // namespace

std::string describe(unsigned needs) {
  std::string words;
  for (const Described& described : kDescribed) {
    if ((needs & described.needs) == 0) continue;
    words.append(words.empty() ? "" : ", ").append(described.words);
  }
  return words;
}

const emulator::Payload& Gateway::payload() const {
  const emulator::Payload* const found = emulator::find_payload(name);
  REQUIRE_MESSAGE(found != nullptr, "the emulator has no gateway '" << name << "'");
  return *found;
}

const std::vector<Gateway>& all_gateways() {
  static const std::vector<Gateway> all{
      {"v2", kUndecodedPath | kCookieText, true, false, true},
      {"url", kUndecodedPath | kCookieText, true, false, true},
      {"v1", kUndecodedQuery | kAnyAnswerHeader, false, true},
      {"alb", kRepeatedQueryNames | kRepeatedHeader | kRepeatedAnswerHeader, false, true},
      {"alb-multi", kNothing, false, true},
      {"lattice", kRepeatedAnswerHeader, false, true},
  };
  return all;
}

// Joins repeated headers, as nginx does from 1.23 on and every gateway that has no lists.
HttpCall behind_gateway(HttpCall call) {
  call = complete(std::move(call));
  call.headers.push_back({"X-Forwarded-For", kClientAddress});
  std::vector<event::NameValue> joined;
  for (event::NameValue& header : call.headers) {
    const std::string name = base::lower_case(header.name);
    const auto known = std::ranges::find_if(joined, [&](const event::NameValue& earlier) {
      return base::equal_in_any_case(earlier.name, name);
    });
    if (known == joined.end()) {
      joined.push_back(std::move(header));
    } else {
      known->value.append(name == "cookie" ? "; " : ", ").append(header.value);
    }
  }
  call.headers = std::move(joined);
  return call;
}

std::string make_event(const Gateway& gateway, const HttpCall& call) {
  const emulator::GatewayContext context{emulator::make_uuid(), emulator::make_trace_id(), 443,
                                         std::chrono::system_clock::now()};
  return gateway.payload().make_event(parse(complete(call)), context);
}

}  // namespace phork::http_suite
