// SPDX-License-Identifier: MIT
#include "supervisor/limits.h"

#include <cerrno>
#include <string>
#include <sys/resource.h>

namespace phork::supervisor {
namespace {

using Kind = strategies::Workers;

// Open in bootstrap beside its slots: streams, loop, connections, a worker that is started.
constexpr rlim_t kBase = 20;

// The workers of a slot, with those in waiting.
rlim_t seats_of(const Config& config) {
  const bool has_one_more = config.settings.refill == base::Refill::kDuring;
  return config.settings.spares + (has_one_more ? 1 : 0);
}

// Of bootstrap for each slot. A seat has its register, timer, report socket and pipes.
rlim_t descriptors_of_slot(const Config& config) {
  constexpr rlim_t kOfProgram = 7;
  switch (config.strategy->workers) {
    case Kind::kForked:
    case Kind::kRolledBack:
      // Two seats, whose descriptors are copied while a zygote is started.
      return 28;
    case Kind::kPrespawned:
      return kOfProgram * seats_of(config);
    case Kind::kGiven:
      // With a connection to Lambda, and the event's bytes.
      return kOfProgram + 2;
    case Kind::kLooping:
    case Kind::kServed:
      break;
  }
  return kOfProgram;
}

std::string advice(const Config& config) {
  std::string names;
  if (config.settings.slots > 1) names = "AWS_LAMBDA_MAX_CONCURRENCY";
  if (config.strategy->workers == Kind::kPrespawned) {
    names += names.empty() ? "PHORK_SPARES" : " or PHORK_SPARES";
  }
  return names.empty() ? "raise it" : "raise it, or lower " + names;
}

}  // namespace

void limit_core_files(bool asked_for) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) == -1) return;
  limit.rlim_cur = asked_for ? limit.rlim_max : 0;
  // Lowering it, or raising it to the hard limit, is always allowed.
  ::setrlimit(RLIMIT_CORE, &limit);
}

base::Status make_room_for_descriptors(const Config& config) {
  const rlim_t slots = config.settings.slots;
  const rlim_t needed = kBase + (slots * descriptors_of_slot(config));
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == -1) {
    return base::system_error("supervisor: read RLIMIT_NOFILE", errno);
  }
  if (limit.rlim_cur >= needed) return base::ok_status();
  limit.rlim_cur = limit.rlim_max;
  if (limit.rlim_max >= needed && ::setrlimit(RLIMIT_NOFILE, &limit) == 0) {
    return base::ok_status();
  }
  return base::Error{base::ErrorKind::kInvalid,
                     "supervisor: make room for " + std::to_string(slots) +
                         (slots == 1 ? " slot" : " slots") + " under strategy " +
                         std::string(config.strategy->name) +
                         (slots == 1 ? ": it needs " : ": they need ") + std::to_string(needed) +
                         " descriptors, and RLIMIT_NOFILE allows " +
                         std::to_string(limit.rlim_max) + ": " + advice(config)};
}

}  // namespace phork::supervisor
