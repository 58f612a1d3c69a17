// SPDX-License-Identifier: MIT
//
// The events that ask the probe application (audit/probe/Probe.php) and the answers it gives, all
// JSON. Pure. Readers return kInvalid for an answer that breaks the protocol.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace phork::audit {

// A kind of state that the probe can look at and change. The probe has the only list of kinds.
struct Kind {
  std::string name;   // unique, "global-variable"
  std::string group;  // "php", "settings", ...
  std::string title;  // "a global variable"
  bool available = true;
  std::string reason{};   // why this PHP cannot have such state; empty when it can
  std::string channel{};  // names the channel that events share on purpose; empty for other kinds
  std::string policy{};   // explains `channel` or `kept_by` in one line
  // Strategies known not to reset this kind; there its survival is no leak.
  std::vector<std::string> kept_by{};

  bool shared() const { return !channel.empty(); }

  bool stays_under(std::string_view strategy) const;
};

// The state of a kind before and after the event that changed it, as JSON.
struct Planted {
  std::string before;
  std::string after;
};

// The PHP that runs the probe.
struct Identity {
  std::string php;   // "8.2.24"
  std::string sapi;  // "phork", "fpm-fcgi"
};

std::string kinds_event();
std::string identity_event();
std::string look_event(std::string_view kind);
std::string plant_event(std::string_view kind);

// kInvalid, too, when a name comes twice or the list is empty.
base::Result<std::vector<Kind>> read_kinds(std::string_view answer);
base::Result<Identity> read_identity(std::string_view answer);
// The value, as JSON without white space. kInvalid, too, when the answer is about another kind.
base::Result<std::string> read_look(std::string_view answer, std::string_view kind);
base::Result<Planted> read_plant(std::string_view answer, std::string_view kind);

}  // namespace phork::audit
