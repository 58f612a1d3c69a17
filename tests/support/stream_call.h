// SPDX-License-Identifier: MIT
//
// One event whose answer is streamed, from the caller's side: the bytes so far, while PHP makes
// more, and a caller that stops reading or goes away. The event runs on another thread; the
// destructor waits for it. Used by one thread.
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
  // With `take`, bytes go there on the event's thread and are not kept. A `held` caller takes the
  // first bytes, and no more until release().
  using Take = std::function<void(std::string_view bytes)>;

  StreamCall(Runtime& runtime, const std::string& payload, Take take = {}, bool held = false);
  ~StreamCall();

  // Waits until `text` has come; false when it has not within 20 s or the answer ended without it.
  bool has(std::string_view text);

  bool has_now(std::string_view text) const;

  // The bytes that have come.
  std::string bytes() const;
  std::size_t count() const;

  void release();
  // Takes no further bytes: the connection is closed when there are any.
  void hang_up();

  // Waits for the end.
  const emulator::EventResult& result();
  // The response of an answer that must be whole.
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
