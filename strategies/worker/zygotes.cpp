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
#include "strategies/worker/messages.h"

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

// Under rollback, max_events limits a worker (forked.cpp) and not its zygote.
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
    // Also after a failed start: retry after another full period, not at every event.
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
                 " is gone; booting another one");
  end_lost(*current_);
  if (next_) {
    // The next zygote is booting already.
    auto failure = await_boot(*next_, steady_clock::now() + settings_.boot_timeout);
    current_ = std::move(next_);
    if (!failure) return std::nullopt;
    retired_.push_back(std::move(current_));
  }
  auto failure = start_current();
  // Without a process, keep an empty zygote: its generation is the one to replace next time.
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
    // A zygote exits when its control sockets are closed, unless it is still booting.
    if (zygote->process->wait(steady_clock::now() + kEndTimeout)) continue;
    base::log_warn("strategies: end zygote: it did not exit within 10 s and is killed");
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

// The zygote sends its boot message on each control socket.
std::optional<Failure> Zygotes::await_boot(Zygote& zygote, base::Deadline deadline) {
  for (const Fd& control : zygote.controls) {
    if (!base::wait_readable(control.get(), deadline)) {
      return boot_timed_out(settings_);
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

// A zygote whose control socket broke is ending or useless: end it. We adopt its children. Those
// that slots know of live on; end_strays() kills a child that was forked but never announced, and
// processes that events left behind.
void Zygotes::end_lost(Zygote& zygote) {
  zygote.process.reset();
  process::KnownChildren::of_this_process().end_strays();
}

void Zygotes::promote_next() {
  if (!base::wait_readable(next_->controls.front().get(), steady_clock::now())) return;
  if (const auto failure = await_boot(*next_, steady_clock::now() + kEndTimeout)) {
    base::log_error("strategies: refresh zygote: " + failure->type + ": " + failure->message +
                    "; keeping the old one");
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
