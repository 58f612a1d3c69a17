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

// https://www.openssl.org/docs/man3.0/man3/RAND_poll.html
// https://www.gnutls.org/manual/gnutls.html#index-gnutls_005frnd_005frefresh
constexpr std::array kRefreshFunctions{"RAND_poll", "gnutls_rnd_refresh"};

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

void reseed_cryptography() {
  for (const char* const name : kRefreshFunctions) {
    void* const found = ::dlsym(RTLD_DEFAULT, name);
    // One returns void, the other an int that says whether the kernel gave a seed.
    if (found != nullptr) reinterpret_cast<void (*)()>(found)();
  }
}

}  // namespace phork::sapi
