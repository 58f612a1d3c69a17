// SPDX-License-Identifier: MIT
#include "emulator/invoke_api/event_stream.h"

#include <array>
#include <cstddef>
#include <utility>

#include "emulator/gateway/stream_reply.h"
#include "runtime/base/json_writer.h"

namespace phork::emulator {
namespace {

using event::NameValue;

constexpr char kTextType = 7;  // header type: UTF-8 text
constexpr std::size_t kPreludeBytes = 12;
constexpr std::size_t kChecksumBytes = 4;

// The CRC of each byte value, for the reversed polynomial 0x04C11DB7.
constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) == 0 ? 0 : 0xEDB88320);
    }
    table[byte] = remainder;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

void append_number(std::string& out, std::size_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> shift & 0xff);
  }
}

void append_header(std::string& out, const NameValue& header) {
  append_number(out, header.name.size(), 1);
  out.append(header.name) += kTextType;
  append_number(out, header.value.size(), 2);
  out.append(header.value);
}

std::string event(const char* type, const char* content_type, std::string_view payload) {
  const std::array<NameValue, 3> headers{{
      {":event-type", type},
      {":content-type", content_type},
      {":message-type", "event"},
  }};
  return event_frame(headers, payload);
}

}  // namespace

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
  std::uint32_t remainder = ~before;
  for (const char byte : bytes) {
    remainder = (remainder >> 8) ^ kCrcTable[(remainder ^ static_cast<unsigned char>(byte)) & 0xff];
  }
  return ~remainder;
}

std::string event_frame(std::span<const NameValue> headers, std::string_view payload) {
  std::string fields;
  for (const NameValue& header : headers) append_header(fields, header);
  const std::size_t total = kPreludeBytes + fields.size() + payload.size() + kChecksumBytes;
  std::string frame;
  frame.reserve(total);
  append_number(frame, total, 4);
  append_number(frame, fields.size(), 4);
  append_number(frame, crc32(frame), 4);
  frame.append(fields).append(payload);
  append_number(frame, crc32(frame), 4);
  return frame;
}

std::string payload_chunk(std::string_view bytes) {
  return event("PayloadChunk", "application/octet-stream", bytes);
}

std::string invoke_complete(const StreamCompletion& completion) {
  base::JsonWriter json;
  json.begin_object();
  const auto add = [&json](const char* name, const std::string& text) {
    if (!text.empty()) json.field(name, text);
  };
  add("ErrorCode", completion.error_code);
  add("ErrorDetails", completion.error_details);
  add("LogResult", completion.log_result);
  json.end_object();
  return event("InvokeComplete", "application/json", json.text());
}

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
