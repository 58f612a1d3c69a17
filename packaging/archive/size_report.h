// SPDX-License-Identifier: MIT
//
// The parts of an archive: the manifest for programs, the size report for people.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "packaging/archive/entry.h"

namespace phork::packaging {

// MB as Lambda's limits count them: 250 MB are 262,144,000 bytes.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
inline constexpr std::uint64_t kMegabyte = 1024 * 1024;

// "46.3 MB"
std::string megabytes(std::uint64_t bytes);

using Sizes = std::vector<std::pair<std::string, std::uint64_t>>;

std::uint64_t unpacked_size(const std::vector<Entry>& entries);

// Bytes for each component, the largest first.
Sizes sizes_by_component(const std::vector<Entry>& entries);

// Facts about the whole archive, in the order in which they are shown.
using Facts = std::vector<std::pair<std::string, std::string>>;

// A table with a line for each component and the sums.
std::string size_table(const Sizes& sizes, std::uint64_t packed);

// The same as one JSON object, with `facts` first.
std::string size_json(const Facts& facts, const Sizes& sizes, std::uint64_t packed);

// JSON: `facts`, and for each file path, bytes, sha256, mode, and where it came from. `prefix` is
// the folder in which Lambda unpacks the archive: "/opt/".
std::string manifest(const Facts& facts, const std::string& prefix,
                     const std::vector<Entry>& entries);

}  // namespace phork::packaging
