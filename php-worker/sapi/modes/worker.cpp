// SPDX-License-Identifier: MIT
#include "php-worker/sapi/modes/worker.h"

#include <cstdio>
#include <optional>
#include <sched.h>
#include <unistd.h>
#include <variant>

#include "php-worker/sapi/event_run.h"
#include "php-worker/sapi/failure.h"
#include "php-worker/sapi/php.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/log.h"
#include "runtime/base/settings.h"
#include "runtime/base/socket_io.h"

namespace phork::sapi {
namespace {

// PHP is not shut down: the memory it would free dies with the process. close_resources() has
// finished everything that others could see.
[[noreturn]] void end_process(int code) {
  std::fflush(nullptr);
  ::_exit(code);
}

wire::EncodedFrame encode_result(const CallResult& result, const wire::Usage& usage) {
  if (const auto* answer = std::get_if<HandlerAnswer>(&result)) {
    return wire::encode(wire::Answer{usage, answer->json});
  }
  if (const auto* failure = std::get_if<event::Failure>(&result)) {
    return wire::encode(wire::FrameType::kFailure, wire::Failed{usage, *failure});
  }
  return wire::encode(response_frame(current_context(), usage));
}

// Sends the pieces of an answer to the supervisor.
class ChannelSink final : public ResponseSink {
 public:
  explicit ChannelSink(Channel& channel) : channel_(channel) {}

  bool begin(std::uint16_t status, const std::vector<event::NameValue>& headers,
             std::string_view bytes) override {
    return channel_.send(wire::encode(wire::StreamHead{status, headers, bytes})).ok();
  }

  bool write(std::string_view bytes) override {
    return channel_.send(wire::encode(wire::StreamPiece{bytes})).ok();
  }

 private:
  Channel& channel_;
};

// Serves one event and sends its answer.
class Service {
 public:
  Service(Application& application, Channel& channel)
      : application_(application), channel_(channel) {
    if (base::value_of(base::settings::kResponse)) sink_.emplace(channel);
  }

  base::Status serve(const wire::Frame& frame) {
    if (frame.type == wire::FrameType::kInvoke) return serve_event(frame.payload);
    if (frame.type == wire::FrameType::kRequest) return serve_request(frame.payload);
    return base::Error{base::ErrorKind::kInvalid,
                       "php-worker: expected an invoke or request frame, got type " +
                           std::to_string(static_cast<int>(frame.type))};
  }

  const wire::Usage& usage() const { return usage_; }

 private:
  base::Status serve_event(std::string_view payload) {
    const auto invocation = wire::decode_invoke(payload);
    if (!invocation) return invocation.error();
    const UsageMeter meter;
    EventRun run(application_, Lifetime::kOneEvent);
    return send(run.run_handler(invocation.value(), sink_ ? &*sink_ : nullptr), meter);
  }

  base::Status serve_request(std::string_view payload) {
    auto request = wire::decode_request(payload);
    if (!request) return request.error();
    const UsageMeter meter;
    bool sent = false;
    base::Status status = base::ok_status();
    const auto send_early = [&](ServerContext&) {
      sent = true;
      status = send(HttpDone{}, meter);
    };
    EventRun run(application_, Lifetime::kOneEvent);
    const CallResult result =
        run.run_http({std::move(request->invocation), std::move(request->variables), request->body,
                      send_early, sink_ ? &*sink_ : nullptr});
    return sent ? status : send(result, meter);
  }

  base::Status send(const CallResult& result, const UsageMeter& meter) {
    const bool whole = !sink_ || std::holds_alternative<event::Failure>(result) ||
                       std::holds_alternative<HandlerAnswer>(result);
    const bool heard = whole || send_stream({});
    usage_ = meter.read();
    // When the caller has gone, nobody reads the end either.
    if (!heard) return base::ok_status();
    base::Status sent = channel_.send(whole ? encode_result(result, usage_)
                                            : wire::encode(wire::StreamEnd{usage_}));
    // The kernel may have queued the supervisor behind us on this processor, where it would wait
    // until this process is gone, which takes as long as the event did.
    ::sched_yield();
    return sent;
  }

  Application& application_;
  Channel& channel_;
  std::optional<ChannelSink> sink_;  // where answers are streamed
  wire::Usage usage_;
};

}  // namespace

wire::Usage serve_event(Application& application, Channel& channel, const wire::Ready& ready) {
  if (!channel.send(wire::encode(ready))) end_process(base::kSystemFailed);
  const auto frame = channel.receive();
  // The supervisor closes an unused worker's channel when it shuts down.
  if (!frame)
    end_process(frame.error().kind == base::ErrorKind::kDisconnected ? base::kOk
                                                                     : base::kSystemFailed);
  Service service(application, channel);
  const base::Status status = service.serve(frame.value());
  if (!status) base::log_error(status.error().text);
  close_resources();
  if (!status) end_process(base::kSystemFailed);
  return service.usage();
}

void end_worker() {
  end_process(0);
}

void serve_one_event(Application& application, Channel& channel, const wire::Ready& ready) {
  serve_event(application, channel, ready);
  end_worker();
}

base::Status Channel::send(const wire::EncodedFrame& frame) {
  return base::send_all(socket_.get(), frame.head, frame.tail);
}

base::Result<wire::Frame> Channel::receive() {
  reader_.drop();
  for (;;) {
    const auto state = reader_.poll();
    if (!state) return state.error();
    if (state.value() == wire::FrameReader::State::kFrame) return reader_.frame();
    const wire::FrameReader::Space space = reader_.space();
    const auto got = base::receive_some(socket_.get(), space.data, space.size);
    if (!got) return got.error();
    reader_.commit(got.value());
  }
}

void refuse_one_event(Channel& channel, const wire::Ready& ready, const event::Failure& failure) {
  if (channel.send(wire::encode(ready)) && channel.receive()) {
    const auto sent =
        channel.send(wire::encode(wire::FrameType::kFailure, wire::Failed{{}, shortened(failure)}));
    if (!sent) base::log_error(sent.error().text);
  }
  end_process(0);
}

}  // namespace phork::sapi
