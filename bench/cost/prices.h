// SPDX-License-Identifier: MIT
//
// Lambda's prices, read from a data file: bench/prices.json, which is embedded in the program, or a
// file that the user names. Pure except for `read_prices`. A missing or impossible price is an
// Error that names the field.
//   https://aws.amazon.com/lambda/pricing/
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace phork::bench {

enum class Architecture { kX86, kArm };

std::string_view name_of(Architecture architecture);  // "x86_64" or "arm64", as in Lambda's API

// A tier of a month's GB-seconds.
struct DurationTier {
  double gb_seconds = 0;  // its size; infinity in the last tier
  double usd = 0;         // for one GB-second
};

struct Prices {
  std::string region;
  std::string date;  // of their confirmation, YYYY-MM-DD
  std::string source;
  double usd_per_million_requests = 0;
  std::vector<DurationTier> x86;
  std::vector<DurationTier> arm;
  double free_storage_mb = 0;            // of /tmp, included in every function
  double usd_per_storage_gb_second = 0;  // beyond that

  const std::vector<DurationTier>& tiers(Architecture architecture) const {
    return architecture == Architecture::kArm ? arm : x86;
  }

  double request_usd(double requests) const;

  // For all GB-seconds of an account in one month, region and architecture.
  double duration_usd(double gb_seconds, Architecture architecture) const;

  // For an environment with `storage_mb` of /tmp, while it is billed.
  double storage_usd(double billed_seconds, double storage_mb) const;
};

base::Result<Prices> parse_prices(std::string_view json);
base::Result<Prices> read_prices(const std::string& path);

// The embedded prices.
Prices published_prices();

// Lambda bills whole milliseconds, rounded up, and at least one.
std::int64_t billed_milliseconds(double microseconds);

}  // namespace phork::bench
