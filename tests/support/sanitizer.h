// SPDX-License-Identifier: MIT
//
// For tests that compare memory: under the address sanitizer what is freed is kept for a while, to
// catch who still uses it. The programs under test are built as the tests are.
#pragma once

namespace phork::testing {

#ifdef __has_feature
inline constexpr bool kAddressSanitizer = __has_feature(address_sanitizer);
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

}  // namespace phork::testing
