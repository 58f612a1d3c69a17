// SPDX-License-Identifier: MIT
#include "audit/application_record.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <unistd.h>
#include <utility>

#include "audit/json_field.h"
#include "runtime/base/fd.h"

namespace phork::audit {
namespace {

using base::Result;

constexpr std::string_view kWhat = "record of an event";
constexpr const char* kBoot = "boot.id";
// The key that stands for a group which PHP refused to show.
constexpr std::string_view kGap = ".not examined";

using Changes = std::map<std::string, Change>;

void note(Changes& changes, Change change) {
  const auto [found, first] = changes.try_emplace(change.key);
  if (first) {
    found->second = std::move(change);
  } else {
    ++found->second.times;
  }
}

// The boot that created the variables; "" when the record does not name it.
std::string_view boot_of(const Fingerprint& event) {
  const auto found = event.find(kBoot);
  return found == event.end() ? std::string_view() : found->second;
}

bool is_variable(std::string_view key) {
  constexpr std::array<std::string_view, 5> kGroups = {"constants.", "entry.", "globals.",
                                                       "static-properties.", "static-variables."};
  return std::ranges::any_of(kGroups,
                             [&](std::string_view group) { return key.starts_with(group); });
}

// `event` is the number of the event that ran between the two.
void note_changes(Changes& changes, const Fingerprint& before, const Fingerprint& after,
                  std::size_t event) {
  const bool other_boot = boot_of(before) != boot_of(after);
  for (const auto& [key, value] : before) {
    const auto found = after.find(key);
    if (found == after.end()) {
      note(changes, {key, Change::How::kRemoved, value, {}, event});
    } else if (found->second != value && key != kBoot && !(other_boot && is_variable(key))) {
      note(changes, {key, Change::How::kChanged, value, found->second, event});
    }
  }
  for (const auto& [key, value] : after) {
    if (!before.contains(key)) note(changes, {key, Change::How::kAdded, {}, value, event});
  }
}

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

RecordFile::RecordFile()
    : path_((std::filesystem::temp_directory_path() / "phork-audit-XXXXXX").string()) {
  const base::Fd made(base::check(::mkostemp(path_.data(), O_CLOEXEC), "audit: make record file"));
}

RecordFile::~RecordFile() {
  ::unlink(path_.c_str());
}

std::string RecordFile::read() const {
  std::ifstream stream(path_, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Result<Fingerprint> read_fingerprint(std::string_view line) {
  simdjson::dom::parser parser;
  const Result<simdjson::dom::object> root = parse_object(parser, line, kWhat);
  if (!root) return root.error();
  Fingerprint fingerprint;
  for (const auto group : root.value()) {
    const std::string name(group.key);
    simdjson::dom::object members;
    if (group.value.get(members) != simdjson::SUCCESS) {
      fingerprint.insert_or_assign(name, canonical(group.value));
      continue;
    }
    for (const auto member : members) {
      fingerprint.insert_or_assign(name + "." + std::string(member.key), canonical(member.value));
    }
  }
  return fingerprint;
}

Result<std::vector<Fingerprint>> read_record(std::string_view text) {
  std::vector<Fingerprint> events;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    Result<Fingerprint> fingerprint = read_fingerprint(text.substr(0, end));
    if (!fingerprint) return std::move(fingerprint).error();
    events.push_back(std::move(fingerprint).value());
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return events;
}

std::vector<Change> compare(const std::vector<Fingerprint>& events) {
  Changes changes;
  for (std::size_t event = 1; event < events.size(); ++event) {
    note_changes(changes, events[event - 1], events[event], event);
  }
  std::vector<Change> list;
  list.reserve(changes.size());
  for (auto& [key, change] : changes) list.push_back(std::move(change));
  return list;
}

ApplicationReport read_application(std::string_view record, std::size_t events) {
  ApplicationReport report;
  report.events = events;
  const Result<std::vector<Fingerprint>> fingerprints = read_record(record);
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
