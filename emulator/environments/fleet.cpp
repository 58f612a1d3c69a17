// SPDX-License-Identifier: MIT
#include "emulator/environments/fleet.h"

#include <algorithm>
#include <utility>

namespace phork::emulator {

using base::Error;
using base::ErrorKind;
using base::Status;

Status Fleet::start() {
  Environment* first = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Error{ErrorKind::kStopped, "emulator: start runtime: stopped"};
    if (environments_.empty()) {
      if (Status added = add(); !added) return added;
      environments_.front()->start_process();
    }
    first = environments_.front().get();
  }
  return first->first_init();
}

void Fleet::scale() {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  const auto free_soon =
      static_cast<std::size_t>(std::ranges::count(environments_, true, &Environment::finishing));
  const std::size_t backlog = context_.dispatcher.backlog();
  const std::size_t wanted =
      std::max(backlog - std::min(backlog, free_soon), context_.dispatcher.overdue());
  std::size_t coming = 0;
  for (const auto& environment : environments_) coming += environment->room_to_come();
  while (coming < wanted) {
    Environment* next = find_startable();
    if (next == nullptr) return;
    next->start_process();
    coming += next->room_to_come();
  }
}

// With mutex_ held.
Environment* Fleet::find_startable() {
  const auto stopped =
      std::ranges::find(environments_, Environment::State::kStopped, &Environment::state);
  if (stopped != environments_.end()) return stopped->get();
  if (full_ || environments_.size() >= context_.config.concurrency) return nullptr;
  if (const Status added = add(); !added) {
    full_ = true;
    context_.log.append(added.error().text + "; continuing with " +
                        std::to_string(environments_.size()) + " environments");
    return nullptr;
  }
  return environments_.back().get();
}

// With mutex_ held.
Status Fleet::add() {
  auto environment =
      std::make_unique<Environment>(context_, environments_.size(), [this] { scale(); });
  if (Status opened = environment->open(); !opened) return opened;
  environments_.push_back(std::move(environment));
  return base::ok_status();
}

// Calls renew() without the lock: a thread that hands out an event may hold the Runtime API's locks
// while it waits for this one.
void Fleet::renew() {
  std::vector<Environment*> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& environment : environments_) all.push_back(environment.get());
  }
  for (Environment* environment : all) environment->renew();
}

void Fleet::request_stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (const auto& environment : environments_) environment->request_stop();
}

void Fleet::stop() {
  request_stop();
  for (const auto& environment : environments_) environment->stop();
}

}  // namespace phork::emulator
