// SPDX-License-Identifier: MIT
#include "strategies/worker/zygotes.h"

#include <chrono>
#include <csignal>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/log.h"
#include "runtime/base/socket_io.h"
#include "runtime/process/process_tree.h"
#include "strategies/worker/outcome.h"

namespace phork::strategies {
namespace {

using base::Fd;
using base::Result;
using event::Failure;
using process::Process;
using std::chrono::steady_clock;

constexpr int kFirstControl = 3;
constexpr std::chrono::seconds kEndTimeout{10};

}  // namespace

// A worker that serves many events counts them itself; its zygote is not worn by them.
Zygotes::Zygotes(const Settings& settings, AfterEvent after_event)
    : settings_(settings),
      after_event_(after_event),
      policy_{after_event == AfterEvent::kRollBack ? 0 : settings.max_events} {}

std::optional<Failure> Zygotes::boot() {
  const std::lock_guard lock(mutex_);
  return start_current();
}

Zygotes::Control Zygotes::take_control(unsigned slot) {
  const std::lock_guard lock(mutex_);
  return {std::move(current_->controls.at(slot)), current_->generation};
}

std::uint32_t Zygotes::current_generation() {
  const std::lock_guard lock(mutex_);
  forget_ended();
  if (next_) {
    promote_next();
  } else if (policy_.due(events_, crashes_)) {
    auto started = start();
    if (started) {
      next_ = std::move(started).value();
    } else {
      base::log_error(started.error().text);
    }
    // One that cannot be had is not asked for at every event.
    events_ = crashes_ = 0;
  }
  return current_->generation;
}

void Zygotes::count_event(bool crashed) {
  const std::lock_guard lock(mutex_);
  ++events_;
  if (crashed) ++crashes_;
}

std::optional<Failure> Zygotes::replace(std::uint32_t generation) {
  const std::lock_guard lock(mutex_);
  if (current_->generation != generation) return std::nullopt;
  base::log_warn("strategies: zygote of generation " + std::to_string(generation) +
                 " is gone, booting another one");
  end_lost(*current_);
  if (next_) {
    // It has had a head start.
    auto failure = await_boot(*next_, steady_clock::now() + settings_.boot_timeout);
    current_ = std::move(next_);
    if (!failure) return std::nullopt;
    retired_.push_back(std::move(current_));
  }
  auto failure = start_current();
  // A zygote that did not boot stands in, so that there is a generation to be replaced next time.
  if (!current_) current_ = std::make_unique<Zygote>();
  current_->controls.resize(settings_.slots);
  return failure;
}

void Zygotes::shut_down() {
  const std::lock_guard lock(mutex_);
  if (current_) retired_.push_back(std::move(current_));
  if (next_) retired_.push_back(std::move(next_));
  for (const auto& zygote : retired_) {
    zygote->controls.clear();
    if (!zygote->process) continue;
    // With every line closed it ends by itself, unless it is still booting.
    if (zygote->process->wait(steady_clock::now() + kEndTimeout)) continue;
    base::log_warn("strategies: end zygote: it does not end by itself and is killed");
  }
  retired_.clear();
}

Result<std::unique_ptr<Zygotes::Zygote>> Zygotes::start() {
  auto zygote = std::make_unique<Zygote>();
  zygote->generation = ++last_generation_;
  process::SpawnOptions options;
  options.program = settings_.worker_path;
  options.arguments = {"php-worker", "--zygote=" + std::to_string(settings_.slots),
                       std::to_string(zygote->generation)};
  if (after_event_ == AfterEvent::kRollBack) options.arguments.emplace_back("--rollback");
  options.environment = process::current_environment();
  std::vector<Fd> theirs;
  for (unsigned slot = 0; slot < settings_.slots; ++slot) {
    auto pair = base::make_socket_pair(SOCK_SEQPACKET);
    if (!pair) return std::move(pair).error();
    zygote->controls.push_back(std::move(pair->first));
    theirs.push_back(std::move(pair->second));
    options.descriptors.push_back({theirs.back().get(), kFirstControl + static_cast<int>(slot)});
  }
  auto spawned = Process::spawn(options);
  if (!spawned) return std::move(spawned).error();
  zygote->process = std::move(spawned).value();
  return zygote;
}

// Every slot's line carries one boot message.
std::optional<Failure> Zygotes::await_boot(Zygote& zygote, base::Deadline deadline) {
  for (const Fd& control : zygote.controls) {
    if (!base::wait_readable(control.get(), deadline)) {
      return Failure{"Runtime.BootTimeout",
                     "the application did not boot within " +
                         std::to_string(settings_.boot_timeout.count()) + " s",
                     {}};
    }
    const auto message = base::receive_message(control.get());
    if (!message) {
      const auto status = zygote.process->wait(steady_clock::now() + kEndTimeout);
      return Failure{"Runtime.BootFailed",
                     "php-worker ended while booting: " +
                         (status ? status->describe() : "it closed its control socket"),
                     {}};
    }
    if (auto failure = read_boot_message(message->bytes)) return failure;
  }
  return std::nullopt;
}

std::optional<Failure> Zygotes::start_current() {
  events_ = crashes_ = 0;
  auto started = start();
  if (!started) return Failure{"Runtime.BootFailed", started.error().text, {}};
  current_ = std::move(started).value();
  return await_boot(*current_, steady_clock::now() + settings_.boot_timeout);
}

// A zygote whose line broke is ending, or of no use. Its children come to us: those that slots hold
// go on, and one that no slot has heard of is ended, as is what events left behind.
void Zygotes::end_lost(Zygote& zygote) {
  zygote.process.reset();
  process::KnownChildren::of_this_process().end_strays();
}

void Zygotes::promote_next() {
  if (!base::wait_readable(next_->controls.front().get(), steady_clock::now())) return;
  if (const auto failure = await_boot(*next_, steady_clock::now() + kEndTimeout)) {
    base::log_error("strategies: refresh zygote: " + failure->type + ": " + failure->message +
                    "; the old one goes on");
    retired_.push_back(std::move(next_));
    return;
  }
  retired_.push_back(std::move(current_));
  current_ = std::move(next_);
  events_ = crashes_ = 0;
}

void Zygotes::forget_ended() {
  std::erase_if(retired_, [](const std::unique_ptr<Zygote>& zygote) {
    zygote->controls.clear();
    return !zygote->process || zygote->process->wait(steady_clock::now()).has_value();
  });
}

}  // namespace phork::strategies
