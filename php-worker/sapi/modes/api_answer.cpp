// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/api_answer.h"

#include <string>
#include <utility>
#include <variant>

#include "php-worker/sapi/exchange.h"
#include "runtime/http/answer_writer.h"
#include "runtime/lambda/answering.h"

namespace phork::sapi {

bool ApiAnswer::begin(std::uint16_t status, const std::vector<event::NameValue>& headers,
                      std::string_view bytes) {
  writer_.emplace(stream_, shape_);
  return writer_->open(status, headers, bytes, deadline_).ok();
}

bool ApiAnswer::write(std::string_view bytes) {
  return writer_->write(bytes, deadline_).ok();
}

base::Status ApiAnswer::post(const CallResult& result) {
  if (!posted_) posted_ = lambda::answer(api_, invocation_, outcome_of(result), stream_);
  return *posted_;
}

event::Outcome ApiAnswer::outcome_of(const CallResult& result) {
  if (const auto* failure = std::get_if<event::Failure>(&result)) return *failure;
  if (const auto* answer = std::get_if<HandlerAnswer>(&result)) {
    return event::Answer{std::string(answer->json)};
  }
  Exchange& exchange = current_exchange();
  if (exchange.sink != nullptr) {
    // That the caller has gone shows in the end of the stream, too.
    static_cast<void>(send_stream({}));
    return event::Streamed{};
  }
  const http::Response response{exchange.status, std::move(exchange.headers),
                                exchange.response_body};
  return event::Answer{http::write_answer(response, shape_)};
}

}  // namespace phork::sapi
