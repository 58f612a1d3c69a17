// SPDX-License-Identifier: MIT
//
// The events that look at a kind of state and change it, and what the probe answers to them. Pure;
// answers that are not what the probe promises are kInvalid.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace phork::audit {

// What the probe found when it was asked to change the state. Values are JSON.
struct Planted {
  std::string before;
  std::string after;
};

// Where the probe runs.
struct Identity {
  std::string php;   // "8.2.24"
  std::string sapi;  // "phork", "fpm-fcgi"
};

std::string look_event(std::string_view kind);
std::string plant_event(std::string_view kind);
std::string identity_event();

// The value, as JSON without white space. The answer has to be about `kind`.
base::Result<std::string> read_look(std::string_view answer, std::string_view kind);
base::Result<Planted> read_plant(std::string_view answer, std::string_view kind);
base::Result<Identity> read_identity(std::string_view answer);

}  // namespace phork::audit
