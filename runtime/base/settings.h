// SPDX-License-Identifier: MIT
//
// The environment variables that take a word or a number, with their words, ranges and defaults.
// bootstrap checks all of them before it starts php-worker and ends with kUsedWrongly when one is
// wrong, so that a mistake stops a deployment and not an event; php-worker reads the same table
// with value_of(). docs/settings.md explains them.
//
// Variables with other values are read where they are used; settings.cpp lists them.
//
// Settings are constants, so reading them costs php-worker no setup. getenv(3) is safe while no
// other thread calls setenv(3).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace phork::base {

// The value of an environment variable; "" when it is not set.
std::string variable(const char* name);
bool is_set(const char* name);

// This environment is initialized for a snapshot (docs/snapstart.md).
bool is_snap_start();

// An entry file returns something to call for each event, is a script that is run for each, one of
// FrankenPHP's, which asks for each, or a console. kAuto: see php-worker/sapi/entry_point.h.
enum class EntryKind : std::uint8_t { kAuto, kHandler, kScript, kWorker, kConsole };

// Which PHP file a request runs. kFiles also runs what lies beside the entry, such as all of
// `vendor/` where that is below the document root, so it is off by default.
enum class Route : std::uint8_t { kEntry, kFiles };

// The treatment of descriptors that the boot of an application leaves open and that all events
// would share; docs/zygote.md has the reasons.
enum class FdPolicy : std::uint8_t {
  kClose,   // files become each event's own, the rest is replaced by a closed connection
  kRefuse,  // files become each event's own, with anything else the boot fails
  kAllow,   // all is shared, as fork() leaves it
};

// The zygote preloads the classes that events used. kAuto: only from files that events cannot
// change.
enum class Learn : std::uint8_t { kAuto, kOn, kOff };

// When the next child of a zygote is forked: when the event under way has been answered, or when
// the one before it has ended, so that one child is always ready.
enum class Refill : std::uint8_t { kAuto, kBefore, kDuring };

enum class MetricsFormat : std::uint8_t { kOff, kJson, kEmf };

// Where the spans of events go.
enum class Trace : std::uint8_t { kOff, kXray, kOtlp };

// The runtime of Bref whose place we take (runtime/lambda/handler_path.h).
enum class BrefRuntime : std::uint8_t { kNone, kFunction, kFpm, kConsole };

// A variable that takes a whole number; unset or empty means `fallback`.
struct NumberSetting {
  const char* name;
  unsigned fallback;
  unsigned least;
  unsigned most;
};

// A variable that takes one of a few words, in the order of `Value`'s enumerators; unset or empty
// means the first.
template <typename Value, std::size_t kCount>
struct WordSetting {
  const char* name;
  std::array<std::string_view, kCount> words;
  bool any_case = false;

  constexpr std::string_view word(Value value) const {
    return words[static_cast<std::size_t>(value)];
  }
};

namespace settings {

inline constexpr WordSetting<EntryKind, 5> kEntry{
    "PHORK_ENTRY", {"auto", "handler", "script", "worker", "console"}};
inline constexpr WordSetting<Route, 2> kRoute{"PHORK_ROUTE", {"entry", "files"}};
// True: answers are streamed.
inline constexpr WordSetting<bool, 2> kResponse{"PHORK_RESPONSE", {"buffered", "stream"}};
inline constexpr WordSetting<bool, 2> kGracefulShutdown{"PHORK_GRACEFUL_SHUTDOWN", {"off", "on"}};
inline constexpr WordSetting<bool, 2> kCoreDumps{"PHORK_CORE_DUMPS", {"off", "on"}};
inline constexpr WordSetting<FdPolicy, 3> kFdPolicy{"PHORK_FD_POLICY",
                                                    {"close", "refuse", "allow"}};
inline constexpr WordSetting<Learn, 3> kLearn{"PHORK_LEARN", {"auto", "on", "off"}};
inline constexpr WordSetting<Refill, 3> kRefill{"PHORK_REFILL", {"auto", "before", "during"}};
inline constexpr WordSetting<MetricsFormat, 3> kMetrics{
    "PHORK_METRICS", {"off", "json", "emf"}, true};
inline constexpr WordSetting<Trace, 3> kTrace{"PHORK_TRACE", {"off", "xray", "otlp"}};
// True: answers to HTTP events are compressed for clients that take it.
inline constexpr WordSetting<bool, 2> kCompress{"PHORK_COMPRESS", {"off", "on"}};
inline constexpr WordSetting<BrefRuntime, 4> kBrefRuntime{"BREF_RUNTIME",
                                                          {"none", "function", "fpm", "console"}};
inline constexpr NumberSetting kDeadlineMarginMs{"PHORK_DEADLINE_MARGIN_MS", 200, 0, 60'000};
inline constexpr NumberSetting kSpares{"PHORK_SPARES", 1, 1, 8};
inline constexpr NumberSetting kMaxEvents{"PHORK_MAX_EVENTS", 0, 0, 1'000'000};
// Bref's name for the same; it counts under inprocess, where PHORK_MAX_EVENTS is not set.
inline constexpr NumberSetting kBrefLoopMax{"BREF_LOOP_MAX", 0, 0, kMaxEvents.most};
// Lambda gives INIT ten seconds, and the application has to boot in them too.
inline constexpr NumberSetting kWarmupBudgetMs{"PHORK_WARMUP_BUDGET_MS", 5'000, 0, 900'000};
// Before a snapshot it gives 130 seconds, or the function's timeout, if that is longer.
inline constexpr NumberSetting kSnapshotWarmupBudgetMs{kWarmupBudgetMs.name, 100'000, 0, 900'000};

}  // namespace settings

// The index of `text` in `words`, 0 for "". An error (kInvalid) names the variable and the words.
Result<std::size_t> find_word(const char* name, std::span<const std::string_view> words,
                              bool any_case, std::string_view text);

template <typename Value, std::size_t kCount>
Result<Value> parse(const WordSetting<Value, kCount>& setting, std::string_view text) {
  auto index = find_word(setting.name, setting.words, setting.any_case, text);
  if (!index) return std::move(index).error();
  return static_cast<Value>(index.value());
}

// Reads the environment. An error (kInvalid) names the variable, the expected values and the value
// found.
Result<unsigned> read(const NumberSetting& setting);

template <typename Value, std::size_t kCount>
Result<Value> read(const WordSetting<Value, kCount>& setting) {
  return parse(setting, variable(setting.name));
}

// Reads the environment in a program that bootstrap starts: bootstrap has refused every mistake, so
// the default may stand for one.
unsigned value_of(const NumberSetting& setting);

std::chrono::milliseconds warmup_budget();  // of all rehearsals together; zero: no limit

template <typename Value, std::size_t kCount>
Value value_of(const WordSetting<Value, kCount>& setting) {
  const auto value = read(setting);
  return value ? value.value() : Value{};
}

}  // namespace phork::base
