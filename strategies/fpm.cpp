// SPDX-License-Identifier: MIT
#include "strategies/fpm.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "runtime/base/log.h"
#include "runtime/process/process_tree.h"
#include "strategies/fpm/entry_kind.h"
#include "strategies/fpm/master.h"
#include "strategies/fpm/worker.h"
#include "strategies/worker/worker.h"

namespace phork::strategies {
namespace {

using base::Result;
using base::Status;
using event::Failure;

class FpmSlot final : public Slot {
 public:
  FpmSlot(FpmMaster& master, const Settings& settings, FpmServes serves)
      : master_(master), settings_(settings), serves_(serves) {}

  Status open(base::Deadline deadline) {
    // The last worker is forgotten last: what it wrote before it ended is known as its own.
    auto greeted = FpmWorker::greet(master_, settings_, deadline);
    if (!greeted) return std::move(greeted).error();
    worker_ = std::move(greeted).value();
    return base::ok_status();
  }

  Served serve(const event::Invocation& invocation, event::AnswerStream& /*stream*/) override {
    const base::Deadline deadline = event_deadlines(invocation, settings_).soft;
    const auto event = make_fpm_event(invocation, serves_, settings_);
    if (!event) return {Failure{"Runtime.InvalidEvent", event.error().text, {}}, {}};
    // A worker that died while nothing was asked of it has cost no event yet.
    if (!worker_->ready()) {
      if (const Status replaced = replace_worker(deadline); !replaced) {
        return {Failure{"Runtime.WorkerLost", replaced.error().text, {}}, {}};
      }
    }
    return worker_->serve(invocation, event.value(), deadline);
  }

  Status renew() override {
    const bool reusable = worker_->settle();
    // What left its process group or lost its parent has become ours.
    process::KnownChildren::of_this_process().end_strays();
    if (reusable) return base::ok_status();
    return replace_worker(std::chrono::steady_clock::now() + settings_.boot_timeout);
  }

 private:
  // Processes of the worker become ours when it ends, and end with it.
  Status replace_worker(base::Deadline deadline) {
    worker_->kill();
    process::KnownChildren::of_this_process().end_strays();
    return open(deadline);
  }

  FpmMaster& master_;
  const Settings& settings_;
  const FpmServes serves_;
  std::unique_ptr<FpmWorker> worker_;
};

class FpmStrategy final : public Strategy {
 public:
  explicit FpmStrategy(const Settings& settings) : settings_(settings) {}

  std::optional<Failure> boot() override {
    auto started = FpmMaster::start(settings_);
    if (!started) return failure(started.error().text);
    master_ = std::move(started).value();
    const auto kind = find_entry_kind(settings_);
    if (!kind) return failure(kind.error().text);
    settings_.entry_kind = kind.value();
    const auto request = fpm_boot(settings_);
    if (!request) return failure(request.error().text);
    const auto reply = ask(request.value());
    if (!reply) return describe(reply.error());
    auto booted = read_fpm_boot(reply.value());
    if (auto* failed = std::get_if<Failure>(&booted)) return std::move(*failed);
    serves_ = std::get<FpmServes>(booted);
    return std::nullopt;
  }

  Result<std::unique_ptr<Slot>> open_slot(unsigned /*index*/) override {
    auto slot = std::make_unique<FpmSlot>(*master_, settings_, serves_);
    const auto deadline = std::chrono::steady_clock::now() + settings_.boot_timeout;
    if (auto opened = slot->open(deadline); !opened) return std::move(opened).error();
    return std::unique_ptr<Slot>(std::move(slot));
  }

  void shut_down() override { master_.reset(); }

 private:
  // On a connection of its own, which gives its worker back when it closes.
  Result<FpmReply> ask(const FpmRequest& request) {
    const auto seen = master_->ensure_alive();
    if (!seen) return seen.error();
    auto socket = master_->connect();
    if (!socket) return std::move(socket).error();
    FpmConnection connection(std::move(socket).value());
    const auto deadline = std::chrono::steady_clock::now() + settings_.boot_timeout;
    return connection.exchange(request, deadline, seen->pidfd.get());
  }

  Failure describe(const base::Error& error) {
    if (error.kind == base::ErrorKind::kTimeout) {
      return {"Runtime.BootTimeout",
              "the application did not boot within " +
                  std::to_string(settings_.boot_timeout.count()) + " s",
              {}};
    }
    const std::string end = master_->describe_end();
    return failure(end.empty() ? "the PHP worker ended while booting: " + error.text : end);
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
