// SPDX-License-Identifier: MIT
#include "audit/application.h"

#include <algorithm>
#include <set>
#include <utility>

namespace phork::audit {
namespace {

// The key that stands for a whole group which PHP refused to tell about.
constexpr std::string_view kGap = ".not examined";

std::vector<std::string> gaps_in(const std::vector<Fingerprint>& events) {
  std::set<std::string> groups;
  for (const Fingerprint& event : events) {
    for (const auto& [key, value] : event) {
      if (key.ends_with(kGap)) groups.insert(key.substr(0, key.size() - kGap.size()));
    }
  }
  return {groups.begin(), groups.end()};
}

}  // namespace

ApplicationReport read_application(std::string_view record, std::size_t events) {
  ApplicationReport report;
  report.events = events;
  const base::Result<std::vector<Fingerprint>> fingerprints = read_record(record);
  if (!fingerprints) {
    report.unknown = fingerprints.error().text;
    return report;
  }
  report.records = fingerprints->size();
  if (report.records == 0) {
    report.unknown = "the runtime recorded the state of no event";
  } else if (report.records == 1) {
    report.unknown = "the runtime recorded the state of one event only";
  } else {
    report.changes = compare(fingerprints.value());
    report.gaps = gaps_in(fingerprints.value());
  }
  return report;
}

void add_failure(ApplicationReport& report, std::string failure) {
  if (std::ranges::count(report.failures, failure) > 0) return;
  report.failures.push_back(std::move(failure));
}

}  // namespace phork::audit
