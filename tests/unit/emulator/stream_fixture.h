// SPDX-License-Identifier: MIT
//
// A Runtime API and a caller whose events may be streamed; the test decides what the caller reads
// and when.
#pragma once

#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "emulator/runtime_api/server.h"
#include "tests/unit/emulator/raw_runtime.h"

namespace phork::emulator::test {

class RecordingObserver final : public RuntimeObserver {
 public:
  void finished(const EventRecord& record) override {
    const std::lock_guard lock(mutex_);
    records_.push_back(record);
  }

  std::vector<EventRecord> records() const {
    const std::lock_guard lock(mutex_);
    return records_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<EventRecord> records_;
};

// Collects bytes, up to a point where it waits or gives up.
class CollectingSink final : public StreamSink {
 public:
  void open(const std::string& content_type) override {
    const std::lock_guard lock(mutex_);
    content_type_ = content_type;
  }

  bool write(std::string_view bytes) override {
    std::unique_lock lock(mutex_);
    bytes_ += bytes;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !holding_; });
    return !giving_up_;
  }

  // Waits for `count` bytes and returns everything that has arrived.
  std::string wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return bytes_.size() >= count; });
    return bytes_;
  }

  void set_holding(bool holding) {
    const std::lock_guard lock(mutex_);
    holding_ = holding;
    changed_.notify_all();
  }

  void give_up() {
    const std::lock_guard lock(mutex_);
    giving_up_ = true;
  }

  std::string content_type() const { return content_type_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string bytes_;
  std::string content_type_;
  bool holding_ = false;
  bool giving_up_ = false;
};

inline RuntimeApiServer::Options stream_options() {
  RuntimeApiServer::Options made;
  made.timeout = std::chrono::seconds(60);
  made.max_streamed_bytes = std::size_t{64} << 20;
  return made;
}

struct StreamFixture {
  Dispatcher dispatcher;
  RecordingObserver observer;
  CollectingSink sink;
  RuntimeApiServer api;

  explicit StreamFixture(const RuntimeApiServer::Options& given = stream_options())
      : api(dispatcher, observer, given) {
    REQUIRE(api.start().ok());
  }

  EventId submit(const std::string& id) {
    Event event;
    event.request_id = id;
    return dispatcher.submit(std::move(event));
  }

  // An event whose answer goes to `target`, or is collected when that is null.
  std::future<EventResult> invoke(const std::string& id, StreamSink* target) {
    const EventId event = submit(id);
    return std::async(std::launch::async, [this, event, target] {
      return dispatcher.wait(event, Clock::time_point::max(), target).value_or(EventResult{});
    });
  }

  // Asks once more, so that the record of the last event is complete.
  EventRecord last_record(RawRuntime& runtime) {
    submit("last");
    CHECK(runtime.next() == 200);
    REQUIRE_FALSE(observer.records().empty());
    return observer.records().back();
  }
};

}  // namespace phork::emulator::test
