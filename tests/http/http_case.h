// SPDX-License-Identifier: MIT
//
// One row of the HTTP table: requests that are sent one after another; a cookie of an answer goes
// into the next request, as in a browser. A case has no expected values: phork must answer as nginx
// with php-fpm does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/http_client.h"

namespace phork::http_suite {

// Things that a case needs and that some gateways cannot express in their events or answers.
enum Needs : std::uint8_t {
  kNothing = 0,
  kRepeatedQueryNames = 1,    // ?a=1&a=2
  kUndecodedPath = 2,         // %2F is not '/'
  kUndecodedQuery = 4,        // escapes of bytes that are not UTF-8
  kRepeatedAnswerHeader = 8,  // two Set-Cookie
  kAnyAnswerHeader = 16,      // names that a gateway keeps for itself
  kRepeatedHeader = 32,       // of a request
  kCookieText = 64,           // the blanks between cookies
  kEndsWell = 128,            // no failure once a part of the answer has left
};

struct HttpCase {
  std::string name;
  std::vector<testing::HttpCall> calls;
  unsigned needs = kNothing;
};

// A case of one GET.
HttpCase get(std::string name, std::string target, unsigned needs = kNothing);
HttpCase get_with(std::string name, std::string target, std::vector<event::NameValue> headers);
// A case of one request with a body; no Content-Type when `type` is empty.
HttpCase send(std::string name, std::string method, std::string target, std::string type,
              std::string body);
HttpCase post_form(std::string name, std::string target, std::string body);
// A case of GETs of each target.
HttpCase sequence(std::string name, const std::vector<std::string>& targets);

using HttpCases = std::vector<HttpCase>;

HttpCases query_cases();
HttpCases path_cases();
HttpCases body_cases();
HttpCases upload_cases();
HttpCases cookie_cases();
HttpCases request_header_cases();
HttpCases status_cases();
HttpCases answer_header_cases();
HttpCases output_cases();
HttpCases unbuffered_cases();
HttpCases error_cases();
HttpCases session_cases();

// All of them; no name twice.
const HttpCases& all_cases();

// For an application of several scripts.
HttpCases route_cases();
// The cases of all_cases() that are about answers.
HttpCases answer_cases();
// For other settings in php.ini.
HttpCases settings_cases();

}  // namespace phork::http_suite
