// SPDX-License-Identifier: MIT
//
// One event whose answer is streamed, as its caller lives it: what has come so far, while more of
// it is made; and a caller that holds on or goes away. The event runs on a thread of its own; what
// is left of it at the end is waited for. Used by one test's thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <future>
#include <mutex>
#include <string>
#include <string_view>

#include "emulator/event/stream_pipe.h"
#include "runtime/base/pinned.h"
#include "tests/support/http_event.h"
#include "tests/support/runtime_harness.h"

namespace phork::testing {

class StreamCall : private base::Pinned {
 public:
  // Instead of being kept, bytes go to `take` on the event's thread, where one is given. A `held`
  // caller takes the first bytes, and nothing after them until release().
  using Take = std::function<void(std::string_view bytes)>;

  StreamCall(Runtime& runtime, const std::string& payload, Take take = {}, bool held = false);
  ~StreamCall();

  // Whether it has come within 20 s; also false when the answer has ended without it.
  bool has(std::string_view text);

  bool has_now(std::string_view text) const;

  // What has come.
  std::string bytes() const;
  std::size_t count() const;

  void release();
  // Takes no further bytes: the connection is closed when there are any.
  void hang_up();

  // Waits for the end.
  const emulator::EventResult& result();
  // The end of an answer that is whole, prelude and all.
  emulator::HttpReply reply();

 private:
  class Sink;

  void end_if_stuck();

  Runtime& runtime_;
  std::unique_ptr<Sink> sink_;
  std::future<emulator::EventResult> future_;
  std::optional<emulator::EventResult> result_;
};

}  // namespace phork::testing
