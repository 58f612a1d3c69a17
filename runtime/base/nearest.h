// SPDX-License-Identifier: MIT
//
// A guess at the word that was meant.
#pragma once

#include <span>
#include <string_view>

namespace phork::base {

// The candidate with the fewest slips to `word`: letters that are missing, too many, wrong, or
// changed places with their neighbours (https://en.wikipedia.org/wiki/Damerau-Levenshtein_distance,
// as "optimal string alignment"). "" when the nearest one has more than two, or more than a third
// of the word. The first of several.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace phork::base
