// SPDX-License-Identifier: MIT
#include "php-worker/sapi/worker.h"

#include <cstdio>
#include <unistd.h>
#include <variant>

#include "php-worker/sapi/bailout.h"
#include "php-worker/sapi/event_run.h"
#include "runtime/base/log.h"

namespace phork::sapi {
namespace {

constexpr int kExitBadFrame = 111;

// PHP is not shut down: everything it would free dies with the process. What others could see is
// finished by hand.
[[noreturn]] void end_process(int code) {
  if (!guarded([] {
        if (SG(rfc1867_uploaded_files) != nullptr) destroy_uploaded_files_hash();
      })) {
    code = kExitBadFrame;
  }
  std::fflush(nullptr);
  ::_exit(code);
}

wire::EncodedFrame encode_result(const CallResult& result, const wire::Usage& usage) {
  if (const auto* answer = std::get_if<HandlerAnswer>(&result)) {
    return wire::encode(wire::Answer{usage, answer->json});
  }
  if (const auto* failure = std::get_if<base::Failure>(&result)) {
    return wire::encode(wire::FrameType::kFailure, wire::Failed{usage, *failure});
  }
  return wire::encode(response_frame(current_exchange(), usage));
}

// One event, and whether its answer has left.
class Service {
 public:
  Service(Application& application, Channel& channel)
      : application_(application), channel_(channel) {}

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
    return send(run.run_handler(invocation.value()), meter);
  }

  base::Status serve_request(std::string_view payload) {
    auto request = wire::decode_request(payload);
    if (!request) return request.error();
    const UsageMeter meter;
    bool sent = false;
    base::Status status = base::ok_status();
    const auto send_early = [&](Exchange&) {
      sent = true;
      status = send(HttpDone{}, meter);
    };
    EventRun run(application_, Lifetime::kOneEvent);
    const CallResult result = run.run_http(
        {std::move(request->invocation), std::move(request->variables), request->body, send_early});
    return sent ? status : send(result, meter);
  }

  base::Status send(const CallResult& result, const UsageMeter& meter) {
    usage_ = meter.read();
    return channel_.send(encode_result(result, usage_));
  }

  Application& application_;
  Channel& channel_;
  wire::Usage usage_;
};

}  // namespace

void serve_one_event(Application& application, Channel& channel, const wire::Ready& ready,
                     const AfterAnswer& after_answer) {
  if (!channel.send(wire::encode(ready))) end_process(kExitBadFrame);
  const auto frame = channel.receive();
  // The supervisor closes an unused worker's channel when it shuts down.
  if (!frame) end_process(frame.error().kind == base::ErrorKind::kDisconnected ? 0 : kExitBadFrame);
  Service service(application, channel);
  const base::Status status = service.serve(frame.value());
  if (!status) {
    base::log_error(status.error().text);
    end_process(kExitBadFrame);
  }
  if (after_answer) after_answer(service.usage());
  end_process(0);
}

}  // namespace phork::sapi
