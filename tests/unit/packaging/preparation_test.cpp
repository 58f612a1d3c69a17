// SPDX-License-Identifier: MIT
#include "packaging/function/preparation.h"

#include <doctest/doctest.h>

using phork::packaging::number_route_names;

TEST_CASE("Laravel's random names of routes become numbers, and all else stays") {
  CHECK(number_route_names("'_route' => 'generated::dd5y7woYgTvSqLLW', 'as' => "
                           "'generated::kcMHEjy3FIYJbx6f', 'generated::dd5y7woYgTvSqLLW' => []") ==
        "'_route' => 'generated::0000000000000001', 'as' => "
        "'generated::0000000000000002', 'generated::0000000000000001' => []");
  // Equal lengths, as a serialized string has its length in front of it.
  CHECK(number_route_names("s:27:\"generated::UkeZhJvBLp0NnTzX\";") ==
        "s:27:\"generated::0000000000000001\";");
  for (const char* kept : {"", "'home'", "generated::", "'generated::short'",
                           "'generated::of-somebody-else-'", "generated::1234567890"}) {
    CHECK(number_route_names(kept) == kept);
  }
}
