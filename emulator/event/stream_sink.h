// SPDX-License-Identifier: MIT
//
// Where a caller wants a streamed answer to go while it is being made. Called on the caller's own
// thread, inside LocalLambda::invoke(); not at all for an answer that is no stream.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/pinned.h"

namespace phork::emulator {

class StreamSink : private base::Pinned {
 public:
  StreamSink() = default;
  virtual ~StreamSink() = default;

  // Once, before the first bytes.
  virtual void open(const std::string& content_type) = 0;
  // False: there is nobody any more who wants the answer, and the runtime is cut off.
  virtual bool write(std::string_view bytes) = 0;
};

}  // namespace phork::emulator
