// SPDX-License-Identifier: MIT
//
// Variables with other values are read where they are used. When wrong, these end bootstrap with
// kUsedWrongly:
//   PHORK_STRATEGY, PHORK_WORKER  supervisor/config.cpp
//   AWS_XRAY_DAEMON_ADDRESS, OTEL_EXPORTER_OTLP_ENDPOINT, ..._TRACES_ENDPOINT, ..._HEADERS
//                                 with PHORK_TRACE; runtime/tracing/receiver.cpp
// These fail the boot (kFailed):
//   PHORK_PREBOOT  supervisor/main.cpp, php-worker/sapi/entry_point.cpp
//   PHORK_WARMUP   php-worker/sapi/modes/boot.cpp
//   PHORK_SECRETS  php-worker/sapi/secrets.cpp
//   PHORK_FPM      strategies/fpm/master.cpp
// A wrong one costs a warning:
//   PHORK_FILE_CACHE  php-worker/sapi/file_cache.cpp
// No text is wrong:
//   PHORK_SERVER_SOFTWARE  runtime/http/cgi_event.cpp
// These are not for users:
//   PHORK_AUDIT_RECORD    set by `phork audit`; php-worker/sapi/application.cpp, Front.php
//   PHORK_AUDIT_PROBE     the same; php-worker/sapi/application.cpp, StateRecorder.php
//   PHORK_CONSOLE_OUTPUT  set by `phork console`; php-worker/sapi/command.cpp
//   PHORK_CHECK_ROLLBACK  set by tests; php-worker/sapi/rollback/rollback.cpp
//   PHORK_OLD_KERNEL      set by tests; php-worker/sapi/memory/address_space.cpp
#include "runtime/base/settings.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/base/text.h"

namespace phork::base {
namespace {

Error wrong_value(const char* name, const std::string& expected, std::string_view got) {
  std::string text = std::string("settings: read ") + name + ": expected " + expected + ", got '";
  return {ErrorKind::kInvalid, std::move(text.append(got).append("'"))};
}

// "auto, handler or script"
std::string listed(std::span<const std::string_view> words) {
  std::string list(words.front());
  for (const std::string_view word : words.subspan(1, words.size() - 2)) {
    list.append(", ").append(word);
  }
  return list.append(" or ").append(words.back());
}

}  // namespace

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool is_set(const char* name) {
  return std::getenv(name) != nullptr;
}

bool is_snap_start() {
  return variable("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start";
}

Result<std::size_t> find_word(const char* name, std::span<const std::string_view> words,
                              bool any_case, std::string_view text) {
  if (text.empty()) return std::size_t{0};
  const auto found = std::ranges::find_if(words, [&](std::string_view word) {
    return any_case ? equal_in_any_case(word, text) : word == text;
  });
  if (found == words.end()) return wrong_value(name, listed(words), text);
  return static_cast<std::size_t>(found - words.begin());
}

Result<unsigned> read(const NumberSetting& setting) {
  const std::string text = variable(setting.name);
  if (text.empty()) return setting.fallback;
  const auto number = parse_number<unsigned>(text);
  if (number && *number >= setting.least && *number <= setting.most) return *number;
  return wrong_value(
      setting.name,
      "a number from " + std::to_string(setting.least) + " to " + std::to_string(setting.most),
      text);
}

unsigned value_of(const NumberSetting& setting) {
  const auto number = read(setting);
  return number ? number.value() : setting.fallback;
}

std::chrono::milliseconds warmup_budget() {
  return std::chrono::milliseconds(
      value_of(is_snap_start() ? settings::kSnapshotWarmupBudgetMs : settings::kWarmupBudgetMs));
}

}  // namespace phork::base
