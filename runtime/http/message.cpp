// SPDX-License-Identifier: MIT
#include "runtime/http/message.h"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/base/text.h"

namespace phork::http {
namespace {

using namespace std::string_view_literals;

// The fields RFC 9110 and the Fetch standard define with one value. Set-Cookie is a list that has
// no joined form (https://www.rfc-editor.org/rfc/rfc6265#section-3).
constexpr std::array kSingular{
    "access-control-allow-credentials"sv,
    "access-control-allow-origin"sv,
    "access-control-max-age"sv,
    "age"sv,
    "content-disposition"sv,
    "content-length"sv,
    "content-location"sv,
    "content-range"sv,
    "content-type"sv,
    "date"sv,
    "etag"sv,
    "expires"sv,
    "host"sv,
    "last-modified"sv,
    "location"sv,
    "refresh"sv,
    "retry-after"sv,
    "server"sv,
    "set-cookie"sv,
    "strict-transport-security"sv,
};

bool is_token_character(char c) {
  const char folded = base::lower_case(c);
  return (folded >= 'a' && folded <= 'z') || (c >= '0' && c <= '9') ||
         (c != '\0' && "!#$%&'*+-.^_`|~"sv.find(c) != std::string_view::npos);
}

struct Phrase {
  std::uint16_t status;
  std::string_view words;
};

constexpr std::array kPhrases{
    Phrase{100, "Continue"},
    Phrase{101, "Switching Protocols"},
    Phrase{103, "Early Hints"},
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{202, "Accepted"},
    Phrase{203, "Non-Authoritative Information"},
    Phrase{204, "No Content"},
    Phrase{205, "Reset Content"},
    Phrase{206, "Partial Content"},
    Phrase{207, "Multi-Status"},
    Phrase{208, "Already Reported"},
    Phrase{226, "IM Used"},
    Phrase{300, "Multiple Choices"},
    Phrase{301, "Moved Permanently"},
    Phrase{302, "Found"},
    Phrase{303, "See Other"},
    Phrase{304, "Not Modified"},
    Phrase{307, "Temporary Redirect"},
    Phrase{308, "Permanent Redirect"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{402, "Payment Required"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{406, "Not Acceptable"},
    Phrase{407, "Proxy Authentication Required"},
    Phrase{408, "Request Timeout"},
    Phrase{409, "Conflict"},
    Phrase{410, "Gone"},
    Phrase{411, "Length Required"},
    Phrase{412, "Precondition Failed"},
    Phrase{413, "Content Too Large"},
    Phrase{414, "URI Too Long"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{416, "Range Not Satisfiable"},
    Phrase{417, "Expectation Failed"},
    Phrase{418, "I'm a teapot"},
    Phrase{421, "Misdirected Request"},
    Phrase{422, "Unprocessable Content"},
    Phrase{423, "Locked"},
    Phrase{424, "Failed Dependency"},
    Phrase{425, "Too Early"},
    Phrase{426, "Upgrade Required"},
    Phrase{428, "Precondition Required"},
    Phrase{429, "Too Many Requests"},
    Phrase{431, "Request Header Fields Too Large"},
    Phrase{451, "Unavailable For Legal Reasons"},
    Phrase{500, "Internal Server Error"},
    Phrase{501, "Not Implemented"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable"},
    Phrase{504, "Gateway Timeout"},
    Phrase{505, "HTTP Version Not Supported"},
    Phrase{506, "Variant Also Negotiates"},
    Phrase{507, "Insufficient Storage"},
    Phrase{508, "Loop Detected"},
    Phrase{511, "Network Authentication Required"},
};

}  // namespace

std::string_view last_header(const std::vector<event::NameValue>& headers, std::string_view name) {
  const auto found =
      std::find_if(headers.rbegin(), headers.rend(),
                   [&](const event::NameValue& header) { return header.name == name; });
  return found == headers.rend() ? std::string_view{} : std::string_view(found->value);
}

std::string_view last_hop(const std::vector<event::NameValue>& headers, std::string_view name) {
  const std::string_view list = last_header(headers, name);
  return base::trim(list.substr(list.rfind(',') + 1));  // npos + 1 is 0: all of it
}

void set_header(std::vector<event::NameValue>& headers, std::string_view name, std::string value) {
  const auto same_name = [&](const event::NameValue& header) { return header.name == name; };
  const auto first = std::find_if(headers.begin(), headers.end(), same_name);
  if (first == headers.end()) {
    headers.push_back({std::string(name), std::move(value)});
    return;
  }
  first->value = std::move(value);
  headers.erase(std::remove_if(first + 1, headers.end(), same_name), headers.end());
}

bool may_be_joined(std::string_view name_any_case) {
  return std::none_of(kSingular.begin(), kSingular.end(), [&](std::string_view singular) {
    return base::equal_in_any_case(name_any_case, singular);
  });
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_well_formed(const event::NameValue& header) {
  return is_token(header.name) && header.value.find_first_of("\r\n\0"sv) == std::string::npos;
}

std::string_view reason_phrase(std::uint16_t status) {
  const auto found = std::find_if(kPhrases.begin(), kPhrases.end(),
                                  [&](const Phrase& phrase) { return phrase.status == status; });
  return found == kPhrases.end() ? std::string_view{} : found->words;
}

}  // namespace phork::http
