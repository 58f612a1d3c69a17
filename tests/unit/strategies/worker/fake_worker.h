// SPDX-License-Identifier: MIT
//
// A worker without PHP: the other end of a WorkerLink, and a WorkerProcess that ends when the test
// says so. The test, or a thread of it, plays the part of PHP. Outlives the Worker it makes.
#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/wire/frames.h"
#include "strategies/worker/worker.h"

namespace phork::strategies::testing {

base::Deadline soon();

class FakeWorker : private base::Pinned {
 public:
  FakeWorker();
  ~FakeWorker() = default;

  // Makes the Worker at the other end. Call it once.
  std::unique_ptr<Worker> make(const Settings& settings);

  // False when the supervisor has closed its end before all bytes were sent.
  bool say(const wire::EncodedFrame& frame) const;
  bool say_bytes(std::string_view bytes) const;
  void say_ready(wire::Serves serves = wire::Serves::kEvents) const;
  void say_answer(std::string_view json) const;
  // The next frame, valid until the next call. Empty at the end of the channel.
  std::optional<wire::Frame> hear();

  void print(std::string_view text) const;
  void complain(std::string_view text) const;

  void close_channel() { theirs_.channel.reset(); }

  // End the process: first its descriptors, then itself.
  void exit(int code);
  void die(int signal);

  // How often the supervisor interrupted and killed the process.
  int interrupts() const { return interrupts_; }

  int kills() const { return kills_; }

  // Called in place of PHP's signal handler.
  std::function<void()> on_interrupt = [] {};

 private:
  class Process;

  static constexpr int kAlive = -1;  // no wait status

  void end(int wait_status);

  WorkerDescriptors theirs_;
  std::optional<WorkerLink> link_;
  wire::FrameReader reader_;
  base::Fd ending_;  // a byte written here makes `pidfd_` readable
  base::Fd pidfd_;
  std::atomic<int> wait_status_{kAlive};
  std::atomic<int> interrupts_{0};
  std::atomic<int> kills_{0};
};

}  // namespace phork::strategies::testing
