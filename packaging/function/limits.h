// SPDX-License-Identifier: MIT
//
// Lambda's limits on packages:
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "packaging/archive/entry.h"
#include "packaging/archive/size_report.h"
#include "runtime/base/result.h"

namespace phork::packaging {

inline constexpr std::uint64_t kMostUnpacked = 250 * kMegabyte;       // with all layers
inline constexpr std::uint64_t kMostPackedUploaded = 50 * kMegabyte;  // else it goes through S3

// kInvalid, with the largest folders, when `entries` and a layer of `layer_size` bytes are too
// large together.
base::Status check_size(const std::vector<Entry>& entries, std::uint64_t layer_size);

// Bytes of the folders of the package, two levels deep, the largest first.
Sizes sizes_by_folder(const std::vector<Entry>& entries);

}  // namespace phork::packaging
