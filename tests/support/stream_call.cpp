// SPDX-License-Identifier: MIT
#include "tests/support/stream_call.h"

#include <chrono>
#include <csignal>
#include <utility>

#include <doctest/doctest.h>

namespace phork::testing {
namespace {

constexpr std::chrono::minutes kTimeout{1};

}  // namespace

class StreamCall::Sink final : public emulator::StreamSink {
 public:
  Sink(Take take, bool held) : take_(std::move(take)), held_(held) {}

  void open(const std::string& /*content_type*/) override {}

  bool write(std::string_view bytes) override {
    if (take_) take_(bytes);
    std::unique_lock lock(mutex_);
    count_ += bytes.size();
    if (!take_) bytes_ += bytes;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    return !hung_up_;
  }

  void ended() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  bool wait_for(std::string_view text) {
    std::unique_lock lock(mutex_);
    const auto there = [&] { return bytes_.find(text) != std::string::npos; };
    changed_.wait_for(lock, kTimeout, [&] { return ended_ || there(); });
    return there();
  }

  std::string bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }

  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }

  void release(bool hung_up) {
    const std::lock_guard lock(mutex_);
    held_ = false;
    hung_up_ = hung_up_ || hung_up;
    changed_.notify_all();
  }

 private:
  const Take take_;
  mutable std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  std::string bytes_;
  std::size_t count_ = 0;
  bool held_;
  bool hung_up_ = false;
  bool ended_ = false;
};

StreamCall::StreamCall(Runtime& runtime, const std::string& payload, Take take, bool held)
    : runtime_(runtime),
      sink_(std::make_unique<Sink>(std::move(take), held)),
      future_(std::async(std::launch::async, [&runtime, payload, sink = sink_.get()] {
        emulator::Event event;
        event.payload = payload;
        auto result = runtime.invoke(std::move(event), *sink);
        sink->ended();
        return result;
      })) {}

StreamCall::~StreamCall() {
  sink_->release(true);
  end_if_stuck();
}

bool StreamCall::has(std::string_view text) {
  return sink_->wait_for(text);
}

bool StreamCall::has_now(std::string_view text) const {
  return bytes().find(text) != std::string::npos;
}

std::string StreamCall::bytes() const {
  return sink_->bytes();
}

std::size_t StreamCall::count() const {
  return sink_->count();
}

void StreamCall::release() {
  sink_->release(false);
}

void StreamCall::hang_up() {
  sink_->release(true);
}

const emulator::EventResult& StreamCall::result() {
  if (!result_) {
    end_if_stuck();
    result_ = future_.get();
  }
  return *result_;
}

// A stream has no time limit: one that never ends would block the test forever.
void StreamCall::end_if_stuck() {
  if (!future_.valid() || future_.wait_for(kTimeout) == std::future_status::ready) return;
  FAIL_CHECK("the answer does not end; the runtime printed: " << runtime_.output());
  runtime_.process().signal(SIGKILL);
}

emulator::HttpReply StreamCall::reply() {
  const emulator::EventResult& ended = result();
  REQUIRE_MESSAGE(ended.answered(), ended.error_type << " " << ended.body);
  return streamed_reply(sink_->bytes());
}

}  // namespace phork::testing
