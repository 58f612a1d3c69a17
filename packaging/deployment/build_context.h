// SPDX-License-Identifier: MIT
//
// A deployment's own output may lie in the application's folder; it is left out of packages and
// images.
#pragma once

#include <filesystem>
#include <string>

namespace phork::packaging {

// The pattern, as of fnmatch(3) and of Docker, that means `path` alone when it lies in `folder`:
// "/its/name". Else "".
std::string pattern_inside(const std::filesystem::path& folder, const std::filesystem::path& path);

// The ignore file of an image's build: the lines of `usual`, but for what the application's
// framework reads, and without the folder `output`.
// https://docs.docker.com/build/concepts/context/#dockerignore-files
std::string ignore_file(std::string usual, const std::filesystem::path& application,
                        const std::filesystem::path& output);

}  // namespace phork::packaging
