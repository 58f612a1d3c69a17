// SPDX-License-Identifier: MIT
//
// The answer to InvokeWithResponseStream: an event stream whose frames leave as the function
// streams, ended by one that says how it went. An answer that came as a whole is one part. Lives
// while the request is handled, on the thread of its connection, which it borrows.
// A function that fails has a reply like any other: status 200, and the error in the last frame.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emulator/event/event.h"
#include "emulator/event/stream_sink.h"
#include "emulator/http/connection.h"
#include "runtime/event/invocation.h"

namespace phork::emulator {

class InvokeStream final : public StreamSink {
 public:
  // `headers` are those that every reply to the invocation has.
  InvokeStream(HttpConnection& connection, std::vector<event::NameValue> headers);

  void open(const std::string& content_type) override;
  bool write(std::string_view bytes) override;

  // The event is over. `log_result` is empty where it was not asked for.
  void finish(const EventResult& result, const std::string& log_result);

 private:
  HttpConnection& connection_;
  std::vector<event::NameValue> headers_;
  bool begun_ = false;
  bool lost_ = false;  // the caller is gone
};

}  // namespace phork::emulator
