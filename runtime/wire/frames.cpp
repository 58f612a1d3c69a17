// SPDX-License-Identifier: MIT
#include "runtime/wire/frames.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/wire/field_codec.h"

namespace phork::wire {
namespace {

EncodedFrame seal(FrameType type, FieldWriter&& fields, std::string_view tail = {}) {
  EncodedFrame frame{std::move(fields).take(), tail};
  const std::size_t payload_bytes = frame.head.size() - kFrameHeaderBytes + tail.size();
  // Saturates, so that a length of more than 32 bits is still over the receiver's limit.
  const auto length = static_cast<std::uint32_t>(
      std::min<std::size_t>(payload_bytes, std::numeric_limits<std::uint32_t>::max()));
  put_little_endian(frame.head.data(), length);
  frame.head[kFrameTypeOffset] = static_cast<char>(type);
  return frame;
}

void write_usage(FieldWriter& fields, const Usage& usage) {
  fields.number(usage.minor_faults).number(usage.php_us);
}

Usage read_usage(FieldReader& fields) {
  Usage usage;
  usage.minor_faults = fields.number<std::uint32_t>("minor_faults");
  usage.php_us = fields.number<std::uint64_t>("php_us");
  return usage;
}

// All of an invocation but its event.
void write_invocation(FieldWriter& fields, const event::Invocation& invocation) {
  fields.text(invocation.request_id)
      .text(invocation.invocation_id)
      .number(static_cast<std::uint64_t>(invocation.deadline.time_since_epoch().count()))
      .text(invocation.function_arn)
      .text(invocation.trace_id)
      .text(invocation.client_context)
      .text(invocation.cognito_identity)
      .text(invocation.tenant_id);
}

event::Invocation read_invocation(FieldReader& fields) {
  event::Invocation invocation;
  invocation.request_id = fields.text("request_id");
  invocation.invocation_id = fields.text("invocation_id");
  const auto deadline_ms = static_cast<std::int64_t>(fields.number<std::uint64_t>("deadline"));
  invocation.deadline = event::WallTime(std::chrono::milliseconds(deadline_ms));
  invocation.function_arn = fields.text("function_arn");
  invocation.trace_id = fields.text("trace_id");
  invocation.client_context = fields.text("client_context");
  invocation.cognito_identity = fields.text("cognito_identity");
  invocation.tenant_id = fields.text("tenant_id");
  return invocation;
}

// The message, when all of its fields fitted and nothing follows them.
template <typename T>
base::Result<T> finish(const FieldReader& fields, T message) {
  auto status = fields.finish();
  if (!status) return std::move(status).error();
  return message;
}

}  // namespace

EncodedFrame encode(const Ready& message) {
  FieldWriter fields(kFrameHeaderBytes);
  fields.number(static_cast<std::uint8_t>(message.serves))
      .number(message.generation)
      .number(message.boot_us);
  return seal(FrameType::kReady, std::move(fields));
}

EncodedFrame encode(const Answer& message) {
  FieldWriter fields(kFrameHeaderBytes);
  write_usage(fields, message.usage);
  return seal(FrameType::kAnswer, std::move(fields), message.json);
}

EncodedFrame encode(const Response& message) {
  FieldWriter fields(kFrameHeaderBytes);
  write_usage(fields, message.usage);
  fields.number(message.status).pairs(message.headers);
  return seal(FrameType::kResponse, std::move(fields), message.body);
}

EncodedFrame encode(const StreamHead& message) {
  FieldWriter fields(kFrameHeaderBytes);
  fields.number(message.status).pairs(message.headers);
  return seal(FrameType::kStreamHead, std::move(fields), message.bytes);
}

EncodedFrame encode(const StreamPiece& message) {
  return seal(FrameType::kStreamPiece, FieldWriter(kFrameHeaderBytes), message.bytes);
}

EncodedFrame encode(const StreamEnd& message) {
  FieldWriter fields(kFrameHeaderBytes);
  write_usage(fields, message.usage);
  return seal(FrameType::kStreamEnd, std::move(fields));
}

EncodedFrame encode(FrameType type, const Failed& message) {
  FieldWriter fields(kFrameHeaderBytes);
  write_usage(fields, message.usage);
  fields.text(message.failure.type)
      .text(message.failure.message)
      .texts(message.failure.stack_trace);
  return seal(type, std::move(fields));
}

EncodedFrame encode(const event::Invocation& message) {
  FieldWriter fields(kFrameHeaderBytes);
  write_invocation(fields, message);
  return seal(FrameType::kInvoke, std::move(fields), message.event);
}

EncodedFrame encode(const Request& message) {
  FieldWriter fields(kFrameHeaderBytes);
  write_invocation(fields, message.invocation);
  fields.pairs(message.variables);
  return seal(FrameType::kRequest, std::move(fields), message.body);
}

EncodedFrame encode_fork() {
  return seal(FrameType::kFork, FieldWriter(kFrameHeaderBytes));
}

EncodedFrame encode(const Forked& message) {
  FieldWriter fields(kFrameHeaderBytes);
  fields.number(static_cast<std::uint32_t>(message.pid))
      .number(static_cast<std::uint32_t>(message.error));
  return seal(FrameType::kForked, std::move(fields));
}

EncodedFrame encode(const Exited& message) {
  FieldWriter fields(kFrameHeaderBytes);
  fields.number(static_cast<std::uint32_t>(message.pid))
      .number(static_cast<std::uint32_t>(message.wait_status))
      .number(message.cpu_us)
      .number(message.max_rss_bytes);
  return seal(FrameType::kExited, std::move(fields));
}

base::Result<Ready> decode_ready(std::string_view payload) {
  FieldReader fields("ready", payload);
  Ready message;
  const auto serves = fields.number<std::uint8_t>("serves");
  message.generation = fields.number<std::uint32_t>("generation");
  message.boot_us = fields.number<std::uint64_t>("boot_us");
  if (auto status = fields.finish(); !status) return std::move(status).error();
  message.serves = static_cast<Serves>(serves);
  if (message.serves >= Serves::kEvents && message.serves <= Serves::kScripts) return message;
  return base::Error{
      base::ErrorKind::kInvalid,
      "wire: decode 'ready': expected to serve events (1), http (2) or scripts (3), not " +
          std::to_string(serves)};
}

base::Result<Answer> decode_answer(std::string_view payload) {
  FieldReader fields("answer", payload);
  Answer message;
  message.usage = read_usage(fields);
  message.json = fields.tail();
  return finish(fields, message);
}

base::Result<Response> decode_response(std::string_view payload) {
  FieldReader fields("response", payload);
  Response message;
  message.usage = read_usage(fields);
  message.status = fields.number<std::uint16_t>("status");
  message.headers = fields.pairs("headers");
  message.body = fields.tail();
  return finish(fields, std::move(message));
}

base::Result<StreamHead> decode_stream_head(std::string_view payload) {
  FieldReader fields("stream head", payload);
  StreamHead message;
  message.status = fields.number<std::uint16_t>("status");
  message.headers = fields.pairs("headers");
  message.bytes = fields.tail();
  return finish(fields, std::move(message));
}

base::Result<StreamPiece> decode_stream_piece(std::string_view payload) {
  FieldReader fields("stream piece", payload);
  StreamPiece message;
  message.bytes = fields.tail();
  return finish(fields, message);
}

base::Result<StreamEnd> decode_stream_end(std::string_view payload) {
  FieldReader fields("stream end", payload);
  StreamEnd message;
  message.usage = read_usage(fields);
  return finish(fields, message);
}

base::Result<Failed> decode_failed(std::string_view payload) {
  FieldReader fields("failed", payload);
  Failed message;
  message.usage = read_usage(fields);
  message.failure.type = fields.text("type");
  message.failure.message = fields.text("message");
  message.failure.stack_trace = fields.texts("stack_trace");
  return finish(fields, std::move(message));
}

base::Result<event::Invocation> decode_invoke(std::string_view payload) {
  FieldReader fields("invoke", payload);
  event::Invocation message = read_invocation(fields);
  message.event = fields.tail();
  return finish(fields, std::move(message));
}

base::Result<Request> decode_request(std::string_view payload) {
  FieldReader fields("request", payload);
  Request message;
  message.invocation = read_invocation(fields);
  message.variables = fields.pairs("variables");
  message.body = fields.tail();
  return finish(fields, std::move(message));
}

base::Result<Forked> decode_forked(std::string_view payload) {
  FieldReader fields("forked", payload);
  Forked message;
  message.pid = static_cast<std::int32_t>(fields.number<std::uint32_t>("pid"));
  message.error = static_cast<std::int32_t>(fields.number<std::uint32_t>("error"));
  return finish(fields, message);
}

base::Result<Exited> decode_exited(std::string_view payload) {
  FieldReader fields("exited", payload);
  Exited message;
  message.pid = static_cast<std::int32_t>(fields.number<std::uint32_t>("pid"));
  message.wait_status = static_cast<std::int32_t>(fields.number<std::uint32_t>("wait_status"));
  message.cpu_us = fields.number<std::uint64_t>("cpu_us");
  message.max_rss_bytes = fields.number<std::uint64_t>("max_rss_bytes");
  return finish(fields, message);
}

}  // namespace phork::wire
