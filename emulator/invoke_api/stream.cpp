// SPDX-License-Identifier: MIT
#include "emulator/invoke_api/stream.h"

#include <utility>

#include "emulator/gateway/stream_prelude.h"
#include "emulator/invoke_api/event_stream.h"

namespace phork::emulator {

InvokeStream::InvokeStream(HttpConnection& connection, std::vector<event::NameValue> headers)
    : connection_(connection), headers_(std::move(headers)) {}

void InvokeStream::open(const std::string& content_type) {
  HttpReply head{200, headers_, {}};
  head.headers.push_back({"Content-Type", "application/vnd.amazon.eventstream"});
  head.headers.push_back({"X-Amzn-Remapped-Content-Type",
                          content_type.empty() ? std::string(kDefaultStreamType) : content_type});
  begun_ = true;
  lost_ = !connection_.begin(head);
}

bool InvokeStream::write(std::string_view bytes) {
  lost_ = lost_ || !connection_.send_part(payload_chunk(bytes));
  return !lost_;
}

void InvokeStream::finish(const EventResult& result, const std::string& log_result) {
  if (!begun_) {
    open(result.content_type);
    if (result.answered()) write(result.body);
  }
  StreamCompletion completion;
  completion.log_result = log_result;
  if (!result.answered()) {
    completion.error_code = "Unhandled";
    completion.error_details = result.body;
  }
  lost_ = lost_ || !connection_.send_part(invoke_complete(completion)) || !connection_.finish();
  if (lost_) connection_.shut_down();
}

}  // namespace phork::emulator
