// SPDX-License-Identifier: MIT
#include "supervisor/config.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sched.h>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "runtime/base/settings.h"
#include "runtime/base/text.h"

namespace phork::supervisor {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::string_view kDefaultStrategy = "fork";

// Beside bootstrap, as in the layer and the build directory, unless PHORK_WORKER says otherwise.
Result<std::string> find_worker() {
  std::string path = base::variable("PHORK_WORKER");
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

// Strategies differ in which settings they can honour; a setting without effect would mislead.
base::Status check_strategy(const Config& config, bool compresses) {
  const std::string name(config.strategy->name);
  if (config.settings.streams && !config.strategy->streams) {
    return Error{ErrorKind::kInvalid, "supervisor: strategy " + name +
                                          " cannot stream answers, but PHORK_RESPONSE is stream: "
                                          "choose another strategy"};
  }
  if (compresses && config.strategy->workers == strategies::Workers::kServed) {
    return Error{ErrorKind::kInvalid,
                 "supervisor: strategy " + name +
                     " cannot compress answers, but PHORK_COMPRESS is " +
                     "on: choose another strategy, or zlib.output_compression in php.ini"};
  }
  return base::ok_status();
}

// Reads one setting after the other and keeps the first error.
class Reader {
 public:
  template <typename Setting, typename Target>
  Reader& read(const Setting& setting, Target& target) {
    auto value = base::read(setting);
    if (value) {
      target = static_cast<Target>(value.value());
    } else if (status_) {
      status_ = std::move(value).error();
    }
    return *this;
  }

  base::Status status() const { return status_; }

 private:
  base::Status status_ = base::ok_status();
};

// True where a fork can run on another processor than the event. Lambda gives a whole one for 1769
// MB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
bool has_processor_to_spare() {
  constexpr unsigned kMemoryOfWholeProcessor = 1769;
  const auto memory =
      base::parse_number<unsigned>(base::variable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
  if (memory && *memory < kMemoryOfWholeProcessor) return false;
  cpu_set_t usable{};
  return ::sched_getaffinity(0, sizeof usable, &usable) == 0 && CPU_COUNT(&usable) >= 2;
}

// Lambda ends a longer INIT itself, unless the function's timeout is longer; then a longer
// rehearsal has been asked for, too.
std::chrono::seconds snapshot_boot_timeout() {
  constexpr std::chrono::seconds kLeast{125};
  constexpr std::chrono::seconds kBesideRehearsal{60};
  const auto rehearsal = std::chrono::duration_cast<std::chrono::seconds>(base::warmup_budget());
  return std::max(kLeast, rehearsal + kBesideRehearsal);
}

base::Status read_settings(Config& config) {
  auto worker = find_worker();
  if (!worker) return std::move(worker).error();
  config.settings.worker_path = std::move(worker).value();
  base::MetricsFormat metrics{};
  // php-worker uses these itself; here they are only checked.
  unsigned warmup_budget = 0;
  unsigned max_events = 0;
  base::Learn learn{};
  base::BrefRuntime bref{};
  base::FdPolicy policy{};
  bool compresses = false;
  base::Status read = Reader()
                          .read(base::settings::kMetrics, metrics)
                          .read(base::settings::kGracefulShutdown, config.graceful_shutdown)
                          .read(base::settings::kCoreDumps, config.core_dumps)
                          .read(base::settings::kDeadlineMarginMs, config.settings.deadline_margin)
                          .read(base::settings::kSpares, config.settings.spares)
                          .read(base::settings::kMaxEvents, max_events)
                          .read(base::settings::kBrefLoopMax, max_events)
                          .read(base::settings::kBrefRuntime, bref)
                          .read(base::settings::kRefill, config.settings.refill)
                          .read(base::settings::kWarmupBudgetMs, warmup_budget)
                          .read(base::settings::kLearn, learn)
                          .read(base::settings::kFdPolicy, policy)
                          .read(base::settings::kCompress, compresses)
                          .read(base::settings::kEntry, config.settings.entry_kind)
                          .read(base::settings::kRoute, config.route)
                          .read(base::settings::kResponse, config.settings.streams)
                          .status();
  if (!read) return read;
  if (config.settings.refill == base::Refill::kAuto) {
    config.settings.refill =
        has_processor_to_spare() ? base::Refill::kDuring : base::Refill::kBefore;
  }
  config.awaits_restore = base::is_snap_start();
  if (config.awaits_restore) config.settings.boot_timeout = snapshot_boot_timeout();
  config.metrics = {metrics, config.environment.function_name};
  auto receiver = tracing::read_receiver();
  if (!receiver) return std::move(receiver).error();
  config.trace = std::move(receiver).value();
  config.settings.slots = static_cast<unsigned>(config.environment.max_concurrency.value_or(1));
  return check_strategy(config, compresses);
}

}  // namespace

std::string_view Config::refill() const {
  const bool makes_processes = strategy->workers == strategies::Workers::kPrespawned ||
                               strategy->workers == strategies::Workers::kForked;
  if (!makes_processes) return "";
  return settings.refill == base::Refill::kDuring ? "during" : "before";
}

Result<Config> read_config(const Flags& flags) {
  if (!flags.handler.empty()) ::setenv("_HANDLER", flags.handler.c_str(), 1);
  std::string word = flags.strategy.empty() ? base::variable("PHORK_STRATEGY") : flags.strategy;
  if (word.empty()) word = kDefaultStrategy;

  Config config;
  const auto strategy = strategies::find_strategy(word);
  if (!strategy) {
    const std::string source = flags.strategy.empty() ? "PHORK_STRATEGY" : "--strategy";
    return Error{ErrorKind::kInvalid, "supervisor: read " + source + ": " + strategy.error().text};
  }
  config.strategy = strategy.value();

  auto environment = lambda::read_variables();
  if (!environment) return std::move(environment).error();
  config.environment = std::move(environment).value();

  if (auto read = read_settings(config); !read) return std::move(read).error();
  return config;
}

}  // namespace phork::supervisor
