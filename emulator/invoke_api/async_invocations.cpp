// SPDX-License-Identifier: MIT
#include "emulator/invoke_api/async_invocations.h"

#include <optional>
#include <system_error>
#include <utility>

namespace phork::emulator {
namespace {

// "attempt 1 of 3"
std::string name_attempt(unsigned number, unsigned attempts) {
  return "attempt " + std::to_string(number) + " of " + std::to_string(attempts);
}

}  // namespace

AsyncInvocations::AsyncInvocations(AsyncOptions options, Invoke invoke, Log log)
    : options_(options), invoke_(std::move(invoke)), log_(std::move(log)) {}

bool AsyncInvocations::accept(Event event) {
  const std::lock_guard lock(mutex_);
  const std::size_t bytes = event.payload.size();
  if (stopped_ || queue_.size() >= options_.most_events ||
      queued_bytes_ + bytes > options_.most_bytes) {
    return false;
  }
  if (queue_.size() >= idle_ && threads_.size() < options_.threads && !add_thread()) {
    // Without any thread nobody would serve the event; with one it waits.
    if (threads_.empty()) return false;
  }
  const Clock::time_point now = Clock::now();
  queued_bytes_ += bytes;
  queue_.emplace(now, Attempt{.event = std::move(event), .accepted = now});
  changed_.notify_one();
  return true;
}

// With mutex_ held. False when the machine has no thread.
bool AsyncInvocations::add_thread() {
  try {
    threads_.emplace_back([this] { serve(); });
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

void AsyncInvocations::stop() {
  std::vector<std::thread> threads;
  Queue dropped;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    queued_bytes_ = 0;
    dropped.swap(queue_);
    threads.swap(threads_);
  }
  changed_.notify_all();
  for (const auto& [due, attempt] : dropped) drop(attempt, kStoppedMessage);
  for (std::thread& thread : threads) thread.join();
}

void AsyncInvocations::serve() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (queue_.empty() || queue_.begin()->first > Clock::now()) {
      ++idle_;
      if (queue_.empty()) {
        changed_.wait(lock);
      } else {
        // A copy: the first element may change during the wait.
        const Clock::time_point due = queue_.begin()->first;
        changed_.wait_until(lock, due);
      }
      --idle_;
      continue;
    }
    Attempt attempt = std::move(queue_.extract(queue_.begin()).mapped());
    queued_bytes_ -= attempt.event.payload.size();
    lock.unlock();
    perform(std::move(attempt));
    lock.lock();
  }
}

void AsyncInvocations::perform(Attempt attempt) {
  if (Clock::now() - attempt.accepted > options_.max_age) {
    drop(attempt, "it is older than the limit for asynchronous events");
    return;
  }
  attempt.event.invocation_id = make_uuid();
  const EventResult result = invoke_(attempt.event);
  if (!result.answered()) retry(std::move(attempt), result.error_type);
}

void AsyncInvocations::retry(Attempt attempt, const std::string& error_type) {
  const std::string what = name_attempt(attempt.number, options_.attempts) + " failed: ";
  if (attempt.number == options_.attempts) {
    drop(attempt, what + error_type);
    return;
  }
  const auto delay = options_.retry_delay * (1U << (attempt.number - 1));
  const Clock::time_point due = Clock::now() + delay;
  if (due - attempt.accepted > options_.max_age) {
    drop(attempt, what + error_type + ", and another attempt would come after the age limit");
    return;
  }
  ++attempt.number;
  const std::string request_id = attempt.event.request_id;
  if (!requeue(attempt, due)) {
    drop(attempt, kStoppedMessage);
    return;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(delay).count();
  log_(request_id, what + error_type + ", next attempt in " + std::to_string(seconds) + " s");
}

// Queues a retry, without regard to the limits: it had a place before. False after stop().
bool AsyncInvocations::requeue(Attempt& attempt, Clock::time_point due) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return false;
  queued_bytes_ += attempt.event.payload.size();
  queue_.emplace(due, std::move(attempt));
  changed_.notify_one();
  return true;
}

void AsyncInvocations::drop(const Attempt& attempt, std::string_view reason) const {
  std::string message = "asynchronous event given up: ";
  log_(attempt.event.request_id, message.append(reason));
}

}  // namespace phork::emulator
