// SPDX-License-Identifier: MIT
//
// What Lambda asks for, read from one data file: bench/prices.json, which the program carries with
// it, or one that the user names. Pure but for `read_prices`, which reads that file. A file that
// lacks a price, or holds one that cannot be, is an Error that names the field.
//   https://aws.amazon.com/lambda/pricing/
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace phork::bench {

enum class Architecture { kX86, kArm };

std::string_view name_of(Architecture architecture);  // as Lambda spells it

// A part of a month's GB-seconds, and what one of them costs there.
struct DurationTier {
  double gb_seconds = 0;  // how many it holds; infinity in the last
  double usd = 0;
};

struct Prices {
  std::string region;
  std::string date;  // when they were confirmed, YYYY-MM-DD
  std::string source;
  double usd_per_million_requests = 0;
  std::vector<DurationTier> x86;
  std::vector<DurationTier> arm;
  double free_storage_mb = 0;            // of /tmp, with every function
  double usd_per_storage_gb_second = 0;  // of what is beyond

  const std::vector<DurationTier>& tiers(Architecture architecture) const {
    return architecture == Architecture::kArm ? arm : x86;
  }

  double request_usd(double requests) const;

  // Of all that an account uses in one month, region and architecture.
  double duration_usd(double gb_seconds, Architecture architecture) const;

  // Of an environment with `storage_mb` of /tmp, for as long as it is billed.
  double storage_usd(double billed_seconds, double storage_mb) const;
};

base::Result<Prices> parse_prices(std::string_view json);
base::Result<Prices> read_prices(const std::string& path);

// Those that the program carries.
Prices published_prices();

// Lambda bills whole milliseconds, rounded up, and at least one.
std::int64_t billed_milliseconds(double microseconds);

}  // namespace phork::bench
