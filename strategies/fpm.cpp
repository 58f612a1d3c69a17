// SPDX-License-Identifier: MIT
#include "strategies/fpm.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/base/text.h"
#include "runtime/http/cgi_event.h"
#include "runtime/process/known_children.h"
#include "runtime/process/spawn.h"
#include "runtime/slot/lost_event.h"
#include "strategies/fpm/master.h"
#include "strategies/fpm/worker.h"

namespace phork::strategies {
namespace {

using base::EntryKind;
using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using event::Failure;

// From the end of a worker to the line of its master that has the exit status.
constexpr std::chrono::seconds kEndTime{1};

// A master forks a worker in milliseconds.
constexpr std::chrono::seconds kConnectTimeout{5};
constexpr unsigned kMostTries = 4;
// Each costs an event.
constexpr unsigned kMostFailures = 3;

// Tells if php-fpm runs the entry as a script or as a handler. We must know before the entry runs,
// and only PHP can tell: ask php-worker once, while php-fpm starts, unless PHORK_ENTRY says it.
Result<EntryKind> find_entry_kind(const Settings& settings) {
  if (!settings.entry_function.empty()) return EntryKind::kHandler;
  if (settings.entry_kind != EntryKind::kAuto) return settings.entry_kind;
  process::SpawnOptions options;
  options.program = settings.worker_path;
  options.arguments = {"php-worker", "--entry-kind"};
  options.environment = process::current_environment();
  const auto output =
      process::run_to_end(std::move(options), settings.boot_timeout, process::ErrorStream::kOurs);
  if (!output) return output.error();
  const std::string_view word = base::trim(output->text, "\n");
  const auto kind = base::parse(base::settings::kEntry, word);
  if (kind && kind.value() != EntryKind::kAuto) return kind.value();
  return Error{ErrorKind::kInvalid,
               "strategies: ask php-worker what the entry is: expected handler, script or worker, "
               "got " +
                   std::to_string(word.size()) + " bytes"};
}

class FpmSlot final : public Slot {
 public:
  FpmSlot(FpmMaster& master, const Settings& settings, FpmServes serves, unsigned index)
      : master_(master), settings_(settings), serves_(serves), index_(index) {}

  // An event may kill or hang the master at any moment, also the one that has just been started.
  Status open(base::Deadline deadline) {
    for (unsigned tries = 1;; ++tries) {
      const base::Deadline limit =
          std::min(deadline, std::chrono::steady_clock::now() + kConnectTimeout);
      // Keep the old worker until then: the log still assigns its last lines to it.
      auto connected = FpmWorker::connect(master_, settings_, index_, limit);
      if (connected) {
        worker_ = std::move(connected).value();
        return base::ok_status();
      }
      const Error& error = connected.error();
      const bool is_late = error.kind == ErrorKind::kTimeout;
      if (is_late) master_.kill();
      if (tries == kMostTries || (is_late && limit == deadline)) return error;
      base::log_warn(error.text + "; trying again");
    }
  }

  Served serve(const event::Invocation& invocation) override {
    const base::Deadline deadline = event::deadlines_of(invocation, settings_.deadline_margin).soft;
    const auto event = make_fpm_event(invocation, serves_, settings_);
    if (!event) {
      if (const auto warm = http::answer_warmer(invocation.event)) {
        return {event::Answer{std::string(*warm)}, {}};
      }
      return {Failure{"Runtime.InvalidEvent", event.error().text, {}}, {}};
    }
    // A worker that died between two events costs no event: replace it first.
    if (!worker_->ready()) {
      if (const Status replaced = replace_worker(deadline); !replaced) {
        return {Failure{"Runtime.WorkerLost", replaced.error().text, {}}, {}};
      }
    }
    return worker_->serve(invocation, event.value(), deadline);
  }

  Status renew() override {
    const bool reusable = worker_->settle();
    // We have adopted the processes of the event that lost their parent.
    process::KnownChildren::of_this_process().end_strays_of(index_);
    if (reusable) return base::ok_status();
    Status replaced = replace_worker(std::chrono::steady_clock::now() + settings_.boot_timeout);
    failures_ = replaced ? 0 : failures_ + 1;
    if (replaced || failures_ == kMostFailures) return replaced;
    base::log_error(replaced.error().text + "; the next event tries again");
    return base::ok_status();
  }

  // We adopt the child processes of the worker when it ends, and kill them too.
  Status replace_worker(base::Deadline deadline) override {
    worker_->kill();
    process::KnownChildren::of_this_process().end_strays_of(index_);
    return open(deadline);
  }

 private:
  FpmMaster& master_;
  const Settings& settings_;
  const FpmServes serves_;
  const unsigned index_;
  std::unique_ptr<FpmWorker> worker_;
  unsigned failures_ = 0;  // to replace it, in a row
};

class FpmStrategy final : public Strategy {
 public:
  explicit FpmStrategy(const Settings& settings) : settings_(settings) {}

  std::optional<Failure> boot() override {
    if (!base::variable("PHORK_SECRETS").empty()) {
      return failure(
          "strategies: fpm: PHORK_SECRETS: php-fpm would read them for each request; set "
          "PHORK_STRATEGY to fork, or read them in the application");
    }
    auto started = FpmMaster::start(settings_);
    if (!started) return failure(started.error().text);
    master_ = std::move(started).value();
    const auto kind = find_entry_kind(settings_);
    if (!kind) return failure(kind.error().text);
    settings_.entry_kind = kind.value();
    if (kind.value() == EntryKind::kConsole) {
      return failure(
          "strategies: fpm: serve a console: php-fpm runs no commands; set PHORK_STRATEGY "
          "to fork or exec");
    }
    const auto request = fpm_boot(settings_);
    if (!request) return failure(request.error().text);
    auto reply = ask(request.value());
    // Not even our own code has run.
    if (reply && reply->outcome().empty()) {
      const auto allowed = master_->allow_library();
      if (!allowed) return failure(allowed.error().text);
      if (allowed.value()) reply = ask(request.value());
    }
    if (!reply) return describe(reply.error());
    auto booted = read_fpm_boot(reply.value());
    if (auto* failed = std::get_if<Failure>(&booted)) return std::move(*failed);
    serves_ = std::get<FpmServes>(booted);
    return std::nullopt;
  }

  Result<std::unique_ptr<Slot>> open_slot(unsigned index) override {
    auto slot = std::make_unique<FpmSlot>(*master_, settings_, serves_, index);
    const auto deadline = std::chrono::steady_clock::now() + settings_.boot_timeout;
    if (auto opened = slot->open(deadline); !opened) return std::move(opened).error();
    return std::unique_ptr<Slot>(std::move(slot));
  }

  void look_for_stopped() override { master_->look_for_stopped(); }

  void shut_down() override { master_.reset(); }

 private:
  // Uses a separate connection, whose end makes the worker free again.
  Result<FpmReply> ask(const FpmRequest& request) {
    const auto seen = master_->ensure_alive();
    if (!seen) return seen.error();
    auto socket = master_->connect();
    if (!socket) return std::move(socket).error();
    FpmConnection connection(std::move(socket).value());
    const auto deadline = std::chrono::steady_clock::now() + settings_.boot_timeout;
    return connection.exchange(request, deadline, seen->pidfd.get());
  }

  Failure describe(const Error& error) {
    if (error.kind == ErrorKind::kTimeout) {
      Failure late = slot::boot_timed_out(settings_.boot_timeout);
      const std::string complaint = master_->log().last_complaint();
      if (!complaint.empty()) late.message += "; php-fpm: " + complaint;
      return late;
    }
    const std::string end = master_->describe_end();
    if (!end.empty()) return failure(end);
    const auto status = master_->log().wait_other_end(std::chrono::steady_clock::now() + kEndTime);
    return status ? slot::boot_ended(status)
                  : failure("the PHP worker ended while booting: " + error.text);
  }

  static Failure failure(std::string text) { return {"Runtime.BootFailed", std::move(text), {}}; }

  Settings settings_;
  std::unique_ptr<FpmMaster> master_;
  FpmServes serves_ = FpmServes::kEvents;
};

}  // namespace

std::unique_ptr<Strategy> make_fpm(const Settings& settings) {
  return std::make_unique<FpmStrategy>(settings);
}

}  // namespace phork::strategies
