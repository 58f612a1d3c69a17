// SPDX-License-Identifier: MIT
//
// An answer that leaves while it is still being made. Strategies write to it, lambda brings what
// they write to the Runtime API. One event's, used by the thread that serves it.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/pinned.h"
#include "runtime/base/poll.h"
#include "runtime/base/result.h"

namespace phork::event {

class AnswerStream : private base::Pinned {
 public:
  AnswerStream() = default;
  virtual ~AnswerStream() = default;

  // Once, before the first write(). From here on the event can no longer fail as a whole: what goes
  // wrong later is told behind the bytes that have left.
  virtual base::Status begin(const std::string& content_type) = 0;

  // Blocks while the reader is slow, at most until `deadline`. kDisconnected: nobody reads on, and
  // whoever makes the answer may stop. kTimeout: not all of it was taken in time.
  virtual base::Status write(std::string_view bytes, base::Deadline deadline) = 0;

  // begin() was called, whatever came of it.
  virtual bool begun() const = 0;
};

}  // namespace phork::event
