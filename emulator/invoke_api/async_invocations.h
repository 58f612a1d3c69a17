// SPDX-License-Identifier: MIT
//
// The events that nobody waits for: taken at once, served in the order they came, and tried again
// when the function fails: twice, a minute and then two minutes later, with the same request id and
// an invocation id of its own for each attempt. What is given up leaves a line in the log, for
// there is nobody else to tell. Threads of its own serve them, as many as the function has
// environments at most.
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
  // Before the second attempt; twice as long before the third, and so on.
  std::chrono::milliseconds retry_delay{60'000};
  // An event that is older is not tried any more.
  std::chrono::milliseconds max_age = std::chrono::hours(6);
  unsigned threads = 1;
  // Of events that wait, now or for their next attempt.
  std::size_t most_events = 10'000;
  std::size_t most_bytes = std::size_t{256} << 20;
};

class AsyncInvocations : private base::Pinned {
 public:
  // Serves one event; may block, and returns soon once the function is being stopped.
  using Invoke = std::function<EventResult(const Event&)>;
  // A line for the log about the event of that request id.
  using Report = std::function<void(const std::string& request_id, std::string_view message)>;

  AsyncInvocations(AsyncOptions options, Invoke invoke, Report report);

  ~AsyncInvocations() { stop(); }

  // False when as much waits already as may, or it is stopped. `event` has its request id.
  bool accept(Event event);
  // What waits is dropped, what is being served comes to its end.
  void stop();

 private:
  struct Attempt {
    Event event;
    Clock::time_point accepted;
    unsigned number = 1;
  };

  // By the time it is due; those of one time in the order they came.
  using Queue = std::multimap<Clock::time_point, Attempt>;

  void serve();
  void perform(Attempt attempt);
  void retry(Attempt attempt, const std::string& error_type);
  bool requeue(Attempt& attempt, Clock::time_point due);
  void drop(const Attempt& attempt, std::string_view reason) const;

  const AsyncOptions options_;
  const Invoke invoke_;
  const Report report_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  Queue queue_;
  std::size_t queued_bytes_ = 0;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;  // threads that wait for an event to be due
  bool stopped_ = false;
};

}  // namespace phork::emulator
