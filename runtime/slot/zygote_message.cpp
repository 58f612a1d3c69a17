// SPDX-License-Identifier: MIT
#include "runtime/slot/zygote_message.h"

#include <utility>

#include "runtime/slot/field_codec.h"

namespace phork::slot {

using Kind = ZygoteMessage::Kind;

std::string encode(const ZygoteMessage& message) {
  FieldWriter writer;
  writer.number(static_cast<std::uint8_t>(message.kind))
      .number(message.slot)
      .number(message.seat)
      .number(static_cast<std::uint32_t>(message.value))
      .number(static_cast<std::uint64_t>(message.seen_ns))
      .number(message.event);
  if (message.kind == Kind::kBootFailed) writer.failure(message.failure);
  return std::move(writer).take();
}

base::Result<ZygoteMessage> decode_zygote_message(std::string_view bytes) {
  FieldReader reader("zygote message", bytes);
  ZygoteMessage message;
  const auto kind = reader.number<std::uint8_t>("kind");
  message.kind = static_cast<Kind>(kind);
  message.slot = reader.number<std::uint32_t>("slot");
  message.seat = reader.number<std::uint32_t>("seat");
  message.value = static_cast<std::int32_t>(reader.number<std::uint32_t>("value"));
  message.seen_ns = static_cast<std::int64_t>(reader.number<std::uint64_t>("time"));
  message.event = reader.number<std::uint32_t>("event");
  if (message.kind == Kind::kBootFailed) message.failure = reader.failure();
  if (auto finished = reader.finish(); !finished) return std::move(finished).error();
  if (kind == 0 || message.kind > Kind::kStop || message.seat > 1) {
    return base::Error{
        base::ErrorKind::kInvalid,
        "slot: read zygote message: expected kind 1 to 11 and seat 0 or 1, got kind " +
            std::to_string(kind) + " and seat " + std::to_string(message.seat)};
  }
  return message;
}

}  // namespace phork::slot
