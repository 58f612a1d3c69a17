// SPDX-License-Identifier: MIT
#include "runtime/lambda/streamed_answer.h"

namespace phork::lambda {

using base::Error;
using base::ErrorKind;

base::Status StreamedAnswer::begin(const std::string& content_type) {
  if (begun_) return Error{ErrorKind::kInvalid, "lambda: stream: begun twice [bug]"};
  begun_ = true;
  auto opened = api_.begin_stream(invocation_, content_type);
  is_open_ = opened.ok();
  return is_open_ ? base::ok_status() : stop(std::move(opened).error());
}

base::Status StreamedAnswer::write(std::string_view bytes, base::Deadline deadline) {
  if (!begun_) return Error{ErrorKind::kInvalid, "lambda: stream: written before begun [bug]"};
  if (error_) return *error_;
  if (bytes.size() > limit_bytes_ - written_bytes_) {
    const std::string text =
        "the answer has more than the " + std::to_string(limit_bytes_) + " bytes that Lambda takes";
    shortfall_ = {"Function.ResponseSizeTooLarge", text, {}};
    return stop({ErrorKind::kRefused, "lambda: stream: " + text});
  }
  written_bytes_ += bytes.size();
  auto written = api_.write_stream(bytes, deadline);
  if (written.ok()) return written;
  if (written.error().kind == ErrorKind::kTimeout) {
    shortfall_ = {"Function.Timeout", "the answer was not read in time", {}};
  }
  return stop(std::move(written).error());
}

base::Result<Posted> StreamedAnswer::end(const event::Failure* failure) {
  if (!is_open_) return *error_;
  return api_.end_stream(failure);
}

base::Status StreamedAnswer::stop(Error error) {
  error_ = std::move(error);
  return *error_;
}

}  // namespace phork::lambda
