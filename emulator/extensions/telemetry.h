// SPDX-License-Identifier: MIT
//
// Records for extensions: what the platform, the function and the extensions say, in batches by
// HTTP to those who subscribed. Records of an init are kept until it is over, so that one who
// subscribes in it misses nothing. Outside of an init and without subscribers nothing is kept and
// publish() costs one load.
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/extensions/subscription.h"
#include "emulator/observe/platform_json.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

// Sends the records of one subscriber, from a thread of its own.
class Subscriber : private base::Pinned {
 public:
  // Borrows `json`.
  Subscriber(Subscription subscription, const PlatformJson& json);
  // Sends what it has, as long as the subscriber listens, and ends.
  ~Subscriber();

  void take(RecordType type, const std::string& record);
  // Sends what it has without waiting for more records.
  void flush();
  // After flush(): returns when all is sent, or at `until`.
  void await_sent(Clock::time_point until);

 private:
  void run();
  std::string take_batch();
  bool full() const;
  void send(const std::string& batch);

  const Subscription subscription_;
  const PlatformJson& json_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<std::string> records_;
  std::size_t bytes_ = 0;
  Clock::time_point due_;  // of the oldest record
  std::size_t dropped_records_ = 0;
  std::size_t dropped_bytes_ = 0;
  bool flush_ = false;
  bool sending_ = false;
  std::atomic<bool> ending_ = false;
  std::thread sender_;
};

// Of one environment. Any thread.
class Telemetry : private base::Pinned {
 public:
  explicit Telemetry(const FunctionConfig& config) : json_(config), in_json_(wants_json(config)) {}

  const PlatformJson& json() const { return json_; }

  // An init begins, in which `expected` says whether anybody can subscribe.
  void begin(bool expected);
  // Subscriptions are over; nothing is kept for later ones.
  void init_over();
  // A second subscription of the same extension replaces the first. False when the init is over.
  bool subscribe(const std::string& extension, const Subscription& subscription);

  // True if a record has a reader, now or later.
  bool wanted() const { return wanted_; }

  void publish(RecordType type, const std::string& record);
  // A line that the function or an extension has printed.
  void publish_line(RecordType type, std::string_view line);
  // Sends all records without waiting for more, and returns when they are sent, or at `until`.
  void flush(Clock::time_point until);
  // Ends all subscriptions.
  void end();

 private:
  struct Named {
    std::string extension;
    std::unique_ptr<Subscriber> subscriber;
  };

  struct Kept {
    RecordType type;
    std::string record;
  };

  const PlatformJson json_;
  const bool in_json_;
  std::atomic<bool> wanted_ = false;
  std::mutex mutex_;  // guards what follows
  bool in_init_ = false;
  std::vector<Kept> kept_;  // since the init began
  std::vector<Named> subscribers_;
};

}  // namespace phork::emulator
