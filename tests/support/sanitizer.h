// SPDX-License-Identifier: MIT
//
// For tests that compare memory: the address sanitizer keeps freed memory for a while, to catch
// code that still uses it. The programs under test are built with the same sanitizers as the tests.
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
