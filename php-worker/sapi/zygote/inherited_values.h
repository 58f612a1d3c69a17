// SPDX-License-Identifier: MIT
//
// Keeps what an event changes from outside in the zygote, or in a child that waits, from later
// events (runtime/process/inheritance.h). To read all values takes too long for each event. Without
// privileges PHP code itself changes only the niceness of another process; for all else it starts a
// program or uses FFI. So each child looks at its niceness, and at the rest only after an event
// that has done so.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/base/pinned.h"
#include "runtime/process/inheritance.h"

namespace phork::sapi {

class InheritedValues : private base::Pinned {
 public:
  // In the sealed zygote. Throws base::SystemError.
  explicit InheritedValues(bool has_ffi);

  // In the zygote, before a fork: true, with a line in the log, when a value has changed.
  bool have_changed();

  // In the zygote: the next have_changed() looks at all, as a child has ended otherwise than it
  // should.
  void look_again() { is_known_ = false; }

  // In a child, before it asks for an event: false when it has a changed value.
  bool are_same() const;
  // In a child, when its event is over, and again when programs that it left have been ended.
  void note_event();

 private:
  const process::Inheritance values_;
  const int niceness_;
  const bool always_looks_;
  std::atomic<std::uint32_t>& reaches_;  // shared: events that may have changed others
  std::uint32_t seen_ = 0;               // of them, at the last look of the zygote
  bool is_known_ = true;
};

}  // namespace phork::sapi
