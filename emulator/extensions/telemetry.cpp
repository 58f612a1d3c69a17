// SPDX-License-Identifier: MIT
#include "emulator/extensions/telemetry.h"

#include <algorithm>
#include <utility>

#include "emulator/http/client.h"

namespace phork::emulator {
namespace {

using namespace std::chrono_literals;

// An agent may begin to listen only after it has subscribed.
constexpr std::chrono::milliseconds kRetry = 50ms;
constexpr int kTries = 40;

}  // namespace

Subscriber::Subscriber(Subscription subscription, const PlatformJson& json)
    : subscription_(std::move(subscription)), json_(json), sender_([this] { run(); }) {}

Subscriber::~Subscriber() {
  ending_ = true;
  flush();
  sender_.join();
}

void Subscriber::take(RecordType type, const std::string& record) {
  if (!subscription_.wanted.at(static_cast<std::size_t>(type))) return;
  const std::lock_guard lock(mutex_);
  // One batch is being sent and one gathers; more than that is dropped, as on Lambda.
  if (full()) {
    ++dropped_records_;
    dropped_bytes_ += record.size();
    return;
  }
  if (records_.empty()) due_ = Clock::now() + subscription_.timeout;
  records_.push_back(record);
  bytes_ += record.size();
  changed_.notify_all();
}

// With mutex_ held.
bool Subscriber::full() const {
  return records_.size() >= subscription_.max_items || bytes_ >= subscription_.max_bytes;
}

void Subscriber::flush() {
  const std::lock_guard lock(mutex_);
  flush_ = !records_.empty();
  changed_.notify_all();
}

void Subscriber::await_sent(Clock::time_point until) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [this] { return records_.empty() && !sending_; });
}

void Subscriber::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !records_.empty() || ending_; });
    if (records_.empty()) return;
    changed_.wait_until(lock, due_, [this] { return full() || flush_ || ending_; });
    flush_ = false;
    const std::string batch = take_batch();
    sending_ = true;
    lock.unlock();
    send(batch);
    lock.lock();
    sending_ = false;
    changed_.notify_all();
  }
}

// A JSON array of all records. With mutex_ held.
std::string Subscriber::take_batch() {
  std::string batch = "[";
  for (const std::string& record : records_) batch.append(batch.size() > 1 ? "," : "") += record;
  records_.clear();
  bytes_ = 0;
  if (dropped_records_ > 0) {
    batch.append(",").append(json_.logs_dropped(dropped_records_, dropped_bytes_));
    dropped_records_ = 0;
    dropped_bytes_ = 0;
  }
  return batch + "]";
}

// A subscriber that does not take its records loses them.
void Subscriber::send(const std::string& batch) {
  const std::string request =
      "POST " + subscription_.path +
      " HTTP/1.1\r\nHost: sandbox.localdomain:" + std::to_string(subscription_.port) +
      "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(batch.size()) +
      "\r\nConnection: close\r\n\r\n" + batch;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const auto reply = HttpClient(subscription_.port).call(request, "POST");
    if (reply || reply.error().kind != base::ErrorKind::kDisconnected || ending_) return;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kRetry, [this] { return ending_.load(); });
  }
}

void Telemetry::begin(bool expected) {
  end();
  const std::lock_guard lock(mutex_);
  in_init_ = expected;
  wanted_ = expected;
}

void Telemetry::init_over() {
  const std::lock_guard lock(mutex_);
  in_init_ = false;
  kept_.clear();
  wanted_ = !subscribers_.empty();
}

bool Telemetry::subscribe(const std::string& extension, const Subscription& subscription) {
  auto subscriber = std::make_unique<Subscriber>(subscription, json_);
  const std::lock_guard lock(mutex_);
  if (!in_init_) return false;
  for (const Kept& kept : kept_) subscriber->take(kept.type, kept.record);
  const auto known = std::ranges::find(subscribers_, extension, &Named::extension);
  if (known == subscribers_.end()) {
    subscribers_.push_back({extension, std::move(subscriber)});
  } else {
    std::swap(known->subscriber, subscriber);
  }
  return true;
}

void Telemetry::publish(RecordType type, const std::string& record) {
  if (!wanted_) return;
  const std::lock_guard lock(mutex_);
  if (in_init_) kept_.push_back({type, record});
  for (const Named& named : subscribers_) named.subscriber->take(type, record);
}

void Telemetry::publish_line(RecordType type, std::string_view line) {
  if (!wanted_) return;
  publish(type, output_event(kRecordTypes.at(static_cast<std::size_t>(type)), line, in_json_));
}

void Telemetry::flush(Clock::time_point until) {
  const std::lock_guard lock(mutex_);
  for (const Named& named : subscribers_) named.subscriber->flush();
  for (const Named& named : subscribers_) named.subscriber->await_sent(until);
}

void Telemetry::end() {
  std::vector<Named> ended;  // destroyed after unlocking: sending the rest may take a while
  const std::lock_guard lock(mutex_);
  std::swap(ended, subscribers_);
  kept_.clear();
  in_init_ = false;
  wanted_ = false;
}

}  // namespace phork::emulator
