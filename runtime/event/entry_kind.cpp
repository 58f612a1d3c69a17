// SPDX-License-Identifier: MIT
#include "runtime/event/entry_kind.h"

namespace phork::event {

std::optional<EntryKind> parse_entry_kind(std::string_view word) {
  if (word.empty() || word == name(EntryKind::kAuto)) return EntryKind::kAuto;
  if (word == name(EntryKind::kHandler)) return EntryKind::kHandler;
  if (word == name(EntryKind::kScript)) return EntryKind::kScript;
  return std::nullopt;
}

std::string_view name(EntryKind kind) {
  switch (kind) {
    case EntryKind::kHandler:
      return "handler";
    case EntryKind::kScript:
      return "script";
    case EntryKind::kAuto:
      break;
  }
  return "auto";
}

}  // namespace phork::event
