// SPDX-License-Identifier: MIT
//
// The stream of one event's answer to the Runtime API, which a strategy writes to and answer()
// ends (answering.h). Keeps to the platform's limit and remembers what went wrong on the way. Used
// by the thread that serves the event.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/event/answer_stream.h"
#include "runtime/event/invocation.h"
#include "runtime/lambda/limits.h"
#include "runtime/lambda/runtime_api.h"

namespace phork::lambda {

class StreamedAnswer final : public event::AnswerStream {
 public:
  // Both outlive this. Nothing is sent for an event of which nothing is streamed.
  StreamedAnswer(RuntimeApi& api, const event::Invocation& invocation,
                 std::size_t limit_bytes = kMaxStreamBytes)
      : api_(api), invocation_(invocation), limit_bytes_(limit_bytes) {}

  base::Status begin(const std::string& content_type) override;
  // Also kRefused: the answer is larger than the platform takes, or the API has answered already.
  // After an error nothing is taken any more, and the error stays the same.
  base::Status write(std::string_view bytes, base::Deadline deadline) override;

  bool begun() const override { return begun_; }

  // What the caller, who reads on, has to be told because not all bytes were taken.
  const std::optional<event::Failure>& shortfall() const { return shortfall_; }

  // Once, after begin(). kDisconnected: the caller or the API went away.
  base::Result<Posted> end(const event::Failure* failure);

 private:
  base::Status stop(base::Error error);

  RuntimeApi& api_;
  const event::Invocation& invocation_;
  const std::size_t limit_bytes_;
  std::size_t written_bytes_ = 0;
  bool begun_ = false;
  bool is_open_ = false;  // the API took the beginning
  std::optional<base::Error> error_;
  std::optional<event::Failure> shortfall_;
};

}  // namespace phork::lambda
