// SPDX-License-Identifier: MIT
#include "supervisor/config.h"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "runtime/base/fd_policy.h"

namespace phork::supervisor {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kDefaultStrategy = "fork";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Beside bootstrap, as in the layer and the build directory, unless PHORK_WORKER says otherwise.
Result<std::string> find_worker() {
  std::string path = variable("PHORK_WORKER");
  const bool told = !path.empty();
  if (!told) {
    std::error_code ignored;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
    path = (self.parent_path() / "php-worker").string();
  }
  if (::access(path.c_str(), X_OK) == 0 && !std::filesystem::is_directory(path)) return path;
  return Error{ErrorKind::kInvalid,
               "supervisor: find php-worker: expected an executable file at '" + path + "' (" +
                   (told ? "from PHORK_WORKER" : "beside bootstrap; PHORK_WORKER overrules it") +
                   ")"};
}

Result<unsigned> read_number(const char* name, unsigned fallback, unsigned least, unsigned most) {
  const std::string text = variable(name);
  if (text.empty()) return fallback;
  unsigned number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code == std::errc{} && end == text.data() + text.size() && number >= least &&
      number <= most) {
    return number;
  }
  return Error{ErrorKind::kInvalid, std::string("supervisor: read ") + name +
                                        ": expected a number from " + std::to_string(least) +
                                        " to " + std::to_string(most) + ", got '" + text + "'"};
}

Result<bool> read_switch(const char* name) {
  const std::string text = variable(name);
  if (text == "on") return true;
  if (text.empty() || text == "off") return false;
  return Error{ErrorKind::kInvalid, std::string("supervisor: read ") + name +
                                        ": expected on or off, got '" + text + "'"};
}

base::Error unknown_word(const char* name, const char* expected) {
  return Error{ErrorKind::kInvalid, std::string("supervisor: read ") + name + ": expected " +
                                        expected + ", got '" + variable(name) + "'"};
}

// What the entry is and how it answers.
base::Status read_entry_settings(Config& config) {
  const auto kind = event::parse_entry_kind(variable("PHORK_ENTRY"));
  if (!kind) return unknown_word("PHORK_ENTRY", "auto, handler or script");
  config.settings.entry_kind = *kind;

  const auto route = http::parse_route(variable("PHORK_ROUTE"));
  if (!route) return unknown_word("PHORK_ROUTE", "entry or files");
  config.route = *route;

  const std::string response = variable("PHORK_RESPONSE");
  if (!response.empty() && response != "buffered" && response != "stream") {
    return unknown_word("PHORK_RESPONSE", "buffered or stream");
  }
  if (response == "stream" && !config.strategy->streams) {
    return Error{ErrorKind::kInvalid, "supervisor: strategy " + std::string(config.strategy->name) +
                                          " cannot stream answers, but PHORK_RESPONSE is stream: "
                                          "choose another strategy"};
  }
  config.settings.streams = response == "stream";
  return base::ok_status();
}

base::Status read_settings(Config& config) {
  auto worker = find_worker();
  if (!worker) return std::move(worker).error();
  config.settings.worker_path = std::move(worker).value();

  const auto margin = read_number("PHORK_DEADLINE_MARGIN_MS", 200, 0, 60'000);
  if (!margin) return margin.error();
  config.settings.deadline_margin = std::chrono::milliseconds(margin.value());

  const auto spares = read_number("PHORK_SPARES", 1, 1, 8);
  if (!spares) return spares.error();
  config.settings.spares = spares.value();
  const auto max_events = read_number("PHORK_MAX_EVENTS", 0, 0, 1'000'000);
  if (!max_events) return max_events.error();
  config.settings.max_events = max_events.value();

  // These three php-worker reads itself.
  const auto budget = read_number("PHORK_WARMUP_BUDGET_MS", 5'000, 0, 900'000);
  if (!budget) return budget.error();
  const std::string learn = variable("PHORK_LEARN");
  if (!learn.empty() && learn != "auto" && learn != "on" && learn != "off") {
    return unknown_word("PHORK_LEARN", "auto, on or off");
  }
  if (!base::parse_fd_policy(variable("PHORK_FD_POLICY"))) {
    return unknown_word("PHORK_FD_POLICY", "close, refuse or allow");
  }

  const int slots = config.environment.max_concurrency.value_or(1);
  if (slots > 1 && config.strategy->in_place) {
    return Error{ErrorKind::kInvalid,
                 "supervisor: strategy inprocess serves one event at a time, but "
                 "AWS_LAMBDA_MAX_CONCURRENCY is " +
                     std::to_string(slots) + ": choose another strategy"};
  }
  config.settings.slots = static_cast<unsigned>(slots);
  return base::ok_status();
}

}  // namespace

Result<Config> read_config(const Flags& flags) {
  if (!flags.handler.empty()) ::setenv("_HANDLER", flags.handler.c_str(), 1);
  std::string word = flags.strategy.empty() ? variable("PHORK_STRATEGY") : flags.strategy;
  if (word.empty()) word = kDefaultStrategy;

  Config config;
  const auto strategy = strategies::find_strategy(word);
  if (!strategy) return strategy.error();
  config.strategy = strategy.value();

  auto environment = lambda::read_environment();
  if (!environment) return std::move(environment).error();
  config.environment = std::move(environment).value();

  const auto metrics = logging::parse_metrics_format(variable("PHORK_METRICS"));
  if (!metrics) return metrics.error();
  config.metrics = {metrics.value(), config.environment.function_name};

  const auto graceful_shutdown = read_switch("PHORK_GRACEFUL_SHUTDOWN");
  if (!graceful_shutdown) return graceful_shutdown.error();
  config.graceful_shutdown = graceful_shutdown.value();

  if (const auto read = read_settings(config); !read) return read.error();
  if (const auto read = read_entry_settings(config); !read) return read.error();
  return config;
}

}  // namespace phork::supervisor
