// SPDX-License-Identifier: MIT
//
// State that a user's application left behind from one event to the next. The runtime under audit
// appends a fingerprint of the process's state to a file at the beginning of each event
// (audit/probe/Fingerprint.php); two fingerprints that differ show the state that an event left to
// the next. Only RecordFile touches the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::audit {

// The file that PHORK_AUDIT_RECORD names: empty at first, readable by its owner only, removed with
// the object.
class RecordFile : private base::Pinned {
 public:
  // Throws SystemError when the temporary directory takes no file.
  RecordFile();
  ~RecordFile();

  const std::string& path() const { return path_; }

  std::string read() const;

 private:
  std::string path_;
};

// "group.key" -> value as JSON. The runtime writes groups:
// {"globals":{"name":"hash",..},"ini":{..}}
using Fingerprint = std::map<std::string, std::string>;

// One difference between an event and the next one.
struct Change {
  enum class How : std::uint8_t { kAdded, kRemoved, kChanged };

  std::string key;  // "globals.cache"
  How how = How::kChanged;
  std::string before;     // empty for kAdded
  std::string after;      // empty for kRemoved
  std::size_t event = 0;  // the first event, counted from 1, that left the change to the next one
  std::size_t times = 1;  // how many events left a change of this key
};

struct ApplicationReport {
  std::string unknown;      // why the application was not examined; empty when it was
  bool started = true;      // false: its boot failed, and `unknown` has the error
  std::size_t events = 0;   // sent
  std::size_t records = 0;  // fingerprints that the runtime wrote
  std::vector<Change> changes{};
  std::vector<std::string> gaps{};      // groups of state that PHP refused to show
  std::vector<std::string> failures{};  // distinct errors of events

  bool examined() const { return unknown.empty(); }
};

base::Result<Fingerprint> read_fingerprint(std::string_view line);

// One line for each event, in order. kInvalid when a line is not a fingerprint.
base::Result<std::vector<Fingerprint>> read_record(std::string_view text);

// Every key that differs between an event and the next one, with its first change, ordered by key.
// Variables may differ between two boots ("boot.id"), as random values do: no event left those.
std::vector<Change> compare(const std::vector<Fingerprint>& events);

// The report on `events` events from the text of their record file. Fewer than two fingerprints
// prove nothing, and then `unknown` says so.
ApplicationReport read_application(std::string_view record, std::size_t events);

// Adds the error of an event unless the report has the same one already.
void add_failure(ApplicationReport& report, std::string failure);

}  // namespace phork::audit
