// SPDX-License-Identifier: MIT
//
// Asynchronous events: accepted at once, served in order of arrival, and retried when the function
// fails: twice, after one minute and after two more, with the same request id and a new invocation
// id for each attempt. An event that is given up leaves a line in the log. Its own threads serve
// the events, at most as many as the function has environments.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "emulator/event/event.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

struct AsyncOptions {
  unsigned attempts = 3;
  // Delay before the second attempt; it doubles before each further one.
  std::chrono::milliseconds retry_delay{60'000};
  // An older event is not tried again.
  std::chrono::milliseconds max_age = std::chrono::hours(6);
  unsigned threads = 1;
  // Limits on the events that wait for an attempt.
  std::size_t most_events = 10'000;
  std::size_t most_bytes = std::size_t{256} << 20;
};

class AsyncInvocations : private base::Pinned {
 public:
  // Serves one event. May block; must return soon once the function is stopping.
  using Invoke = std::function<EventResult(const Event&)>;
  // Logs a line about the event of that request id.
  using Log = std::function<void(const std::string& request_id, std::string_view message)>;

  AsyncInvocations(AsyncOptions options, Invoke invoke, Log log);

  ~AsyncInvocations() { stop(); }

  // False when the limits are reached or after stop(). `event` must have a request id.
  bool accept(Event event);
  // Drops the waiting events and waits for those being served.
  void stop();

 private:
  struct Attempt {
    Event event;
    Clock::time_point accepted;
    unsigned number = 1;
  };

  // By due time; in order of arrival for the same time.
  using Queue = std::multimap<Clock::time_point, Attempt>;

  bool add_thread();
  void serve();
  void perform(Attempt attempt);
  void retry(Attempt attempt, const std::string& error_type);
  bool requeue(Attempt& attempt, Clock::time_point due);
  void drop(const Attempt& attempt, std::string_view reason) const;

  const AsyncOptions options_;
  const Invoke invoke_;
  const Log log_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Queue queue_;
  std::size_t queued_bytes_ = 0;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;  // threads that wait for a due event
  bool stopped_ = false;
};

}  // namespace phork::emulator
