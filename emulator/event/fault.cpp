// SPDX-License-Identifier: MIT
#include "emulator/event/fault.h"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

using namespace std::chrono_literals;
using base::Error;
using base::ErrorKind;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, kFaultPoints> kPointNames = {
    "init", "next", "event", "response", "error", "init-error"};
static_assert(static_cast<std::size_t>(FaultPoint::kInitError) + 1 == kFaultPoints);

// Beyond every limit of Lambda (15 min).
constexpr milliseconds kLongestDuration = 1h;
constexpr milliseconds kNone{-1};
constexpr milliseconds kRequired{-2};

constexpr unsigned at(FaultPoint point) {
  return 1U << static_cast<unsigned>(point);
}

constexpr unsigned kPosts = at(FaultPoint::kResponse) | at(FaultPoint::kError);
constexpr unsigned kCalls = kPosts | at(FaultPoint::kNext) | at(FaultPoint::kInitError);

struct ActionRow {
  std::string_view name;
  FaultAction action;
  int status;
  unsigned points;
  milliseconds duration;  // the default; kNone: the action takes no duration
};

// The first row with the given name and point counts.
constexpr std::array kActions = {
    ActionRow{"400", FaultAction::kStatus, 400, kPosts, kNone},
    ActionRow{"403", FaultAction::kStatus, 403, kCalls, kNone},
    ActionRow{"410", FaultAction::kStatus, 410, kPosts, kNone},
    ActionRow{"413", FaultAction::kStatus, 413, kPosts, kNone},
    ActionRow{"500", FaultAction::kStatus, 500, kCalls, kNone},
    ActionRow{"drop", FaultAction::kDrop, 0, kCalls, kNone},
    ActionRow{"reset", FaultAction::kReset, 0, kCalls, kNone},
    ActionRow{"delay", FaultAction::kDelay, 0, kCalls, kRequired},
    // Just over Lambda's limit for an init, 10 s.
    ActionRow{"slow", FaultAction::kDelay, 0, at(FaultPoint::kInit), 11s},
    ActionRow{"freeze", FaultAction::kFreeze, 0, at(FaultPoint::kNext) | at(FaultPoint::kEvent),
              1s},
    ActionRow{"kill", FaultAction::kKill, 0, at(FaultPoint::kInit) | at(FaultPoint::kEvent), 0s},
    ActionRow{"timeout", FaultAction::kTimeout, 0, at(FaultPoint::kEvent), 0s},
};

std::string join(const std::string& list, std::string_view next) {
  return list.empty() ? std::string(next) : list + ", " + std::string(next);
}

std::string action_names(FaultPoint point) {
  std::string names;
  for (const ActionRow& row : kActions) {
    if ((row.points & at(point)) == 0) continue;
    names = join(names, row.name);
    if (row.duration == kRequired) names += "=DURATION";
    if (row.duration >= 0s) names += "[=DURATION]";
  }
  return names;
}

std::string point_names() {
  std::string names;
  for (const std::string_view name : kPointNames) names = join(names, name);
  return names;
}

std::optional<std::uint64_t> read_number(std::string_view text) {
  const auto number = base::parse_number<std::uint64_t>(text);
  return number && *number <= 1'000'000'000 ? number : std::nullopt;
}

std::optional<milliseconds> read_duration(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::optional<std::uint64_t> number = read_number(text.substr(0, digits));
  if (!number) return std::nullopt;
  const std::string_view unit = text.substr(digits);
  milliseconds duration(*number);
  if (unit == "s") duration *= 1000;
  if ((unit != "s" && unit != "ms") || duration > kLongestDuration) return std::nullopt;
  return duration;
}

// Parses a specification. Each read function consumes its part, or fails and says what it expected.
class FaultReader {
 public:
  explicit FaultReader(std::string_view spec) : spec_(spec) { fault_.spec = spec; }

  base::Result<Fault> read() {
    if (!read_point() || !read_action() || !read_when()) {
      return Error{ErrorKind::kInvalid, std::move(complaint_)};
    }
    return std::move(fault_);
  }

 private:
  // The text from the current position to the first of the characters in `ends`.
  std::string_view word(std::string_view ends) const {
    const std::string_view rest = spec_.substr(position_);
    return rest.substr(0, rest.find_first_of(ends));
  }

  bool expect(const std::string& what, std::string_view came) {
    complaint_ = "fault: read '" + fault_.spec + "': expected " + what + " at position " +
                 std::to_string(position_ + 1) + ", not '" + std::string(came) + "'";
    return false;
  }

  // Consumes the next character if it is `character`.
  bool take(char character) {
    const bool there = position_ < spec_.size() && spec_[position_] == character;
    if (there) ++position_;
    return there;
  }

  bool read_point() {
    const std::string_view name = word(":");
    const auto* const found = std::ranges::find(kPointNames, name);
    if (found == kPointNames.end()) return expect("one of " + point_names(), name);
    fault_.point = static_cast<FaultPoint>(found - kPointNames.begin());
    position_ += name.size();
    return take(':') || expect("':' and one of " + action_names(fault_.point), "");
  }

  bool read_action() {
    const std::string_view name = word("=@");
    const auto* const row = std::ranges::find_if(kActions, [&](const ActionRow& each) {
      return each.name == name && (each.points & at(fault_.point)) != 0;
    });
    if (row == kActions.end()) return expect("one of " + action_names(fault_.point), name);
    position_ += name.size();
    fault_.action = row->action;
    fault_.status = row->status;
    fault_.duration = std::max(row->duration, milliseconds(0));
    if (row->duration == kNone) return true;
    if (!take('=')) {
      return row->duration != kRequired || expect("=DURATION, as in =200ms or =2s", word("@"));
    }
    const std::optional<milliseconds> duration = read_duration(word("@"));
    if (!duration) return expect("a duration up to 3600s, as 200ms or 2s", word("@"));
    fault_.duration = *duration;
    position_ += word("@").size();
    return true;
  }

  bool read_when() {
    if (position_ == spec_.size()) return true;
    if (!take('@')) return expect("@N, @N+, @P% or the end", spec_.substr(position_));
    std::string_view text = spec_.substr(position_);
    const bool percent = text.ends_with('%');
    fault_.and_later = text.ends_with('+');
    if (percent || fault_.and_later) text.remove_suffix(1);
    const std::uint64_t number = read_number(text).value_or(0);
    if (number == 0) return expect("N, N+ or P%, from 1", spec_.substr(position_));
    if (percent && number > 100) return expect("at most 100%", spec_.substr(position_));
    fault_.first = percent ? 1 : number;
    fault_.percent = percent ? static_cast<unsigned>(number) : 0;
    return true;
  }

  std::string_view spec_;
  std::size_t position_ = 0;
  Fault fault_;
  std::string complaint_;
};

}  // namespace

std::string_view name_of(FaultPoint point) {
  return kPointNames[static_cast<std::size_t>(point)];
}

base::Result<Fault> parse_fault(std::string_view spec) {
  return FaultReader(spec).read();
}

std::string fault_summary() {
  std::string summary;
  for (std::size_t point = 0; point < kFaultPoints; ++point) {
    if (!summary.empty()) summary += "; ";
    summary.append(kPointNames[point]).append(": ");
    summary += action_names(static_cast<FaultPoint>(point));
  }
  return summary;
}

}  // namespace phork::emulator
