// SPDX-License-Identifier: MIT
#include "php-worker/sapi/library_randomness.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <dlfcn.h>
#include <sys/random.h>

namespace phork::sapi {
namespace {

// https://www.sqlite.org/c3ref/randomness.html
using SqliteRandomness = void (*)(int count, void* bytes);

// Of the library that PHP's extensions have loaded; null without one.
SqliteRandomness find_sqlite() {
  static const auto found =
      reinterpret_cast<SqliteRandomness>(::dlsym(RTLD_DEFAULT, "sqlite3_randomness"));
  return found;
}

struct Seeds {
  unsigned random;
  unsigned rand;  // of a C library where rand() is not random()
  std::array<std::uint16_t, 3> drand48;
};

}  // namespace

void reseed_libraries() {
  Seeds seeds{};
  if (::getrandom(&seeds, sizeof seeds, 0) == static_cast<ssize_t>(sizeof seeds)) {
    ::srand(seeds.rand);
    ::srandom(seeds.random);
    ::seed48(seeds.drand48.data());
  }
  // Has it seed itself at the next use.
  if (const SqliteRandomness sqlite = find_sqlite()) sqlite(0, nullptr);
}

}  // namespace phork::sapi
