// SPDX-License-Identifier: MIT
#include "php-worker/sapi/seal.h"

#include <cstdio>

#include "php-worker/sapi/bailout.h"
#include "php-worker/sapi/request.h"

namespace phork::sapi {
namespace {

// A collection can make new garbage (destructors); one that never ends is the application's bug.
constexpr int kMostCollections = 10;

void collect_cycles() {
  for (int round = 0; round < kMostCollections; ++round) {
    if (gc_collect_cycles() == 0) return;
  }
}

}  // namespace

void seal(Application& application) {
  application.run_seal_hooks();
  if (!guarded(collect_cycles)) CG(unclean_shutdown) = 0;
  std::fflush(nullptr);
}

void prepare_child(Application& application) {
  // open_event() does it again; hooks that run before it shall not see the zygote's sequence
  // either.
  reseed_randomness();
  application.run_fork_hooks();
}

}  // namespace phork::sapi
