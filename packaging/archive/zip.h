// SPDX-License-Identifier: MIT
//
// Zip archives as Lambda takes them for layers and functions. The same entries make the same bytes:
// all files have one time, which is SOURCE_DATE_EPOCH or the first that a zip can hold, and belong
// to root. https://reproducible-builds.org/docs/source-date-epoch/
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "packaging/archive/entry.h"
#include "packaging/archive/scratch.h"
#include "runtime/base/result.h"

namespace phork::packaging {

// Seconds since 1970 that all files of an archive have. kInvalid when SOURCE_DATE_EPOCH is no such
// number, or one before 1980.
base::Result<std::int64_t> archive_time();

// Writes `entries`, which are sorted; returns the size of the archive in bytes.
base::Result<std::uint64_t> write_zip(Scratch& scratch, const std::filesystem::path& path,
                                      const std::vector<Entry>& entries);

// Unpacks a zip below `folder`, with modes and links.
base::Status unpack_zip(const std::filesystem::path& path, const std::filesystem::path& folder);

// Unpacks the file `name` of a zip to `target`; false when there is none.
base::Result<bool> unpack_file(const std::filesystem::path& path, const std::string& name,
                               const std::filesystem::path& target);

// The names of all that is in a zip.
base::Result<std::set<std::string>> names_in_zip(const std::filesystem::path& path);

// The sum of the sizes of the files in a zip, in bytes.
base::Result<std::uint64_t> unpacked_size(const std::filesystem::path& path);

}  // namespace phork::packaging
