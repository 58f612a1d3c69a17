// SPDX-License-Identifier: MIT
#include "runtime/http/header.h"

#include <algorithm>
#include <array>
#include <utility>

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

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
bool is_token_character(char c) {
  const char folded = lower(c);
  return (folded >= 'a' && folded <= 'z') || (c >= '0' && c <= '9') ||
         (c != '\0' && "!#$%&'*+-.^_`|~"sv.find(c) != std::string_view::npos);
}

}  // namespace

std::string lower_case(std::string_view ascii) {
  std::string out(ascii);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool equals_lower_case(std::string_view any_case, std::string_view lower_name) {
  return std::equal(any_case.begin(), any_case.end(), lower_name.begin(), lower_name.end(),
                    [](char a, char b) { return lower(a) == b; });
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::string_view last_header(const std::vector<event::NameValue>& headers, std::string_view name) {
  const auto found =
      std::find_if(headers.rbegin(), headers.rend(),
                   [&](const event::NameValue& header) { return header.name == name; });
  return found == headers.rend() ? std::string_view{} : std::string_view(found->value);
}

std::string_view last_hop(const std::vector<event::NameValue>& headers, std::string_view name) {
  const std::string_view list = last_header(headers, name);
  return trim(list.substr(list.rfind(',') + 1));  // npos + 1 is 0: all of it
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
    return equals_lower_case(name_any_case, singular);
  });
}

bool is_well_formed(const event::NameValue& header) {
  return !header.name.empty() &&
         std::all_of(header.name.begin(), header.name.end(), is_token_character) &&
         header.value.find_first_of("\r\n\0"sv) == std::string::npos;
}

}  // namespace phork::http
