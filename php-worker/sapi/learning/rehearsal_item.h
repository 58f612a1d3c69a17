// SPDX-License-Identifier: MIT
//
// One item of PHORK_WARMUP: a request or an event, and how it is played.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/entry_point.h"
#include "php-worker/sapi/request.h"
#include "runtime/base/result.h"

namespace phork::sapi {

// The items of a list that is separated by `;` or new lines, without blanks around them.
std::vector<std::string> split_rehearsal(std::string_view list);

// The time for an interrupted copy to end in, with its shutdown functions.
inline constexpr std::chrono::milliseconds kTimeToEnd{500};

struct RehearsalStage {
  Application& application;
  const EntryPoint& entry;
  Lifetime lifetime;  // of the events that are played
};

// Serves the item in this process, as an event whose answer nobody hears. kInvalid when the item is
// neither `METHOD /path` nor a readable JSON file, or does not fit the entry. PHP's one thread.
base::Result<CallResult> play_item(const RehearsalStage& stage, const std::string& item);

}  // namespace phork::sapi
