// SPDX-License-Identifier: MIT
//
// Base64 as events and answers carry it: the standard alphabet, padded, without line breaks
// (https://www.rfc-editor.org/rfc/rfc4648#section-4). Pure. Whatever is not exactly that is
// refused, and the error says where; it never quotes the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace phork::base {

constexpr std::size_t base64_size(std::size_t bytes) {
  return (bytes + 2) / 3 * 4;
}

// Writes exactly `base64_size(bytes.size())` characters at `out`.
void encode_base64(std::string_view bytes, char* out);

// `object` names the text in the error.
Result<std::string> decode_base64(std::string_view text, std::string_view object);

}  // namespace phork::base
