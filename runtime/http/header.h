// SPDX-License-Identifier: MIT
//
// What is known of header fields whichever way they travel: names without case, which values may
// be joined (https://www.rfc-editor.org/rfc/rfc9110#section-5.3). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/event/invocation.h"

namespace phork::http {

std::string lower_case(std::string_view ascii);

// `lower` is in lower case already.
bool equals_lower_case(std::string_view any_case, std::string_view lower);

std::string_view trim(std::string_view text);

// The last header of this name, "" when there is none. Gateways append: the last value is theirs.
// Both names are in lower case.
std::string_view last_header(const std::vector<event::NameValue>& headers, std::string_view name);

// The last element of that header's comma-separated list: what the nearest hop wrote.
std::string_view last_hop(const std::vector<event::NameValue>& headers, std::string_view name);

// Leaves one header of this name. Its place is that of the first one there was.
void set_header(std::vector<event::NameValue>& headers, std::string_view name, std::string value);

// False for headers whose value is no list, so that two of them must not become one.
bool may_be_joined(std::string_view name_any_case);

// A name that is a token, a value without CR, LF and NUL: what cannot forge another header.
bool is_well_formed(const event::NameValue& header);

}  // namespace phork::http
