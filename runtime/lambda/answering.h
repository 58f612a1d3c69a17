// SPDX-License-Identifier: MIT
//
// Brings an outcome to the Runtime API: an answer that is too large becomes an error before it is
// sent, a stream gets its end, and a refusal by the API is logged.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/base/result.h"
#include "runtime/event/invocation.h"
#include "runtime/lambda/runtime_api.h"

namespace phork::lambda {

// The stream of one event's answer, which php-worker writes to and answer() ends. Keeps to the
// platform's limit and remembers the first error. Used by the thread that serves the event.
class StreamedAnswer final : public event::AnswerStream {
 public:
  // Both outlive this. Sends nothing before begin(), which calls `when_open` before the first byte
  // leaves.
  StreamedAnswer(RuntimeApi& api, const event::Invocation& invocation,
                 std::function<void()> when_open = {}, std::size_t limit_bytes = kMaxStreamBytes)
      : api_(api),
        invocation_(invocation),
        when_open_(std::move(when_open)),
        limit_bytes_(limit_bytes) {}

  base::Status begin(const std::string& content_type) override;
  // Also kRefused: the answer is larger than the platform takes, or the API has answered already.
  // After an error nothing is taken any more, and the error stays the same.
  base::Status write(std::string_view bytes, base::Deadline deadline) override;

  bool begun() const override { return begun_; }

  // The failure to tell the caller, who still reads, when not all bytes were taken.
  const std::optional<event::Failure>& shortfall() const { return shortfall_; }

  std::size_t written_bytes() const { return written_bytes_; }

  // Once, after begin(). kDisconnected: the caller or the API went away.
  base::Result<Posted> end(const event::Failure* failure);

 private:
  base::Status stop(base::Error error);

  RuntimeApi& api_;
  const event::Invocation& invocation_;
  const std::function<void()> when_open_;
  const std::size_t limit_bytes_;
  std::size_t written_bytes_ = 0;
  bool begun_ = false;
  bool is_open_ = false;  // the API took the beginning
  std::optional<base::Error> error_;
  std::optional<event::Failure> shortfall_;
};

// Logs what the API said, when it did not take `what`, such as "answer of 7 bytes".
void log_refusal(const Posted& posted, const std::string& what,
                 const event::Invocation& invocation);

// An error means the API is gone. A refusal (too large, too late) concerns this event only.
base::Status answer(RuntimeApi& api, const event::Invocation& invocation, event::Outcome outcome);

// The same where the application had `stream` to write to. A failure is sent behind the bytes that
// have left. A lost stream is no error either: it breaks when the caller goes away, and next()
// finds out whether the API is still there.
base::Status answer(RuntimeApi& api, const event::Invocation& invocation, event::Outcome outcome,
                    StreamedAnswer& stream);

}  // namespace phork::lambda
