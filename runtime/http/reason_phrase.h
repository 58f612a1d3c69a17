// SPDX-License-Identifier: MIT
//
// The words that go with a status code. Pure.
// https://www.iana.org/assignments/http-status-codes
#pragma once

#include <cstdint>
#include <string_view>

namespace phork::http {

// "" for a code that nobody registered.
std::string_view reason_phrase(std::uint16_t status);

}  // namespace phork::http
