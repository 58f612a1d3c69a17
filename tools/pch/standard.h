// SPDX-License-Identifier: MIT
//
// Precompiled for large rooms: parsing these is a third of a compilation. A source includes what it
// uses all the same; the builds with clang have no precompiled headers and say where an include is
// missing. bench has none, because gcc 12 then sees writes beyond std::string where there are none
// (https://gcc.gnu.org/PR105651), which it knows to be silent about in system headers.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
