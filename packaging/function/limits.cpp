// SPDX-License-Identifier: MIT
#include "packaging/function/limits.h"

#include <algorithm>
#include <filesystem>
#include <map>

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNamed = 5;
constexpr int kLevels = 2;

std::string folder_of(const std::string& path) {
  fs::path folder;
  int level = 0;
  for (const fs::path& part : fs::path(path).parent_path()) {
    if (++level > kLevels) break;
    folder /= part;
  }
  return folder.empty() ? "." : folder.string();
}

}  // namespace

Sizes sizes_by_folder(const std::vector<Entry>& entries) {
  std::map<std::string, std::uint64_t> sums;
  for (const Entry& entry : entries) sums[folder_of(entry.path)] += entry.content.size();
  Sizes sizes(sums.begin(), sums.end());
  std::ranges::stable_sort(sizes, std::greater{}, &Sizes::value_type::second);
  return sizes;
}

base::Status check_size(const std::vector<Entry>& entries, std::uint64_t layer_size) {
  const std::uint64_t size = unpacked_size(entries) + layer_size;
  if (size <= kMostUnpacked) return base::ok_status();
  std::string largest;
  const Sizes folders = sizes_by_folder(entries);
  for (std::size_t i = 0; i < std::min(kNamed, folders.size()); ++i) {
    largest += (i == 0 ? "" : ", ") + folders[i].first + " " + megabytes(folders[i].second);
  }
  const std::string layer =
      layer_size == 0 ? "" : " (" + megabytes(layer_size) + " of them are the layer)";
  return base::Error{base::ErrorKind::kInvalid,
                     "packaging: check size: expected at most " + megabytes(kMostUnpacked) +
                         " unzipped, layers included, got " + megabytes(size) + layer +
                         "; the largest folders are " + largest +
                         ": leave files out with --exclude, or deploy an image (10 GB)"};
}

}  // namespace phork::packaging
