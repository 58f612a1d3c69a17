// SPDX-License-Identifier: MIT
//
// Shared helpers of the payload formats (v1, v2, target_group): headers and query parameters by
// name, the body as text or base64, times. Each format chooses the form in which its event shows
// them. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/gateway/payload.h"
#include "runtime/base/json_writer.h"

namespace phork::emulator {

// All values of one name, in order.
struct Field {
  std::string key;   // the same for names that differ only in case
  std::string name;  // as the event shows it
  std::vector<std::string> values;
};

using Fields = std::vector<Field>;

enum class NameCase : std::uint8_t { kLower, kAsSent };

// The request's headers without those for one connection only, and with `x-forwarded-*` and
// `x-amzn-trace-id`. Keeps a protocol and port that the client sends, so that a client can simulate
// HTTPS without TLS.
Fields event_headers(const HttpRequest& request, const GatewayContext& context, NameCase names);

enum class QueryText : std::uint8_t { kDecoded, kAsSent };

Fields query_parameters(std::string_view query, QueryText text);

// Each writes one JSON object.
void write_joined(base::JsonWriter& json, const Fields& fields);  // {"a":"1,2"}
void write_last(base::JsonWriter& json, const Fields& fields);    // {"a":"2"}
void write_lists(base::JsonWriter& json, const Fields& fields);   // {"a":["1","2"]}

// The content type in lower case, without parameters.
std::string media_type(const HttpRequest& request);

// True if every gateway passes the type on as text; some formats add more types.
bool is_plain_text_type(std::string_view media_type);

enum class EmptyBody : std::uint8_t { kOmitted, kNull, kText };

// Writes `body` and `isBase64Encoded`. A body with a content encoding, or that is not UTF-8, is
// base64 whatever its type.
void write_body(base::JsonWriter& json, const HttpRequest& request, bool is_text_type,
                EmptyBody empty);

// The Host header without its port.
std::string_view domain_name(const HttpRequest& request);

std::string_view protocol(const HttpRequest& request);

std::int64_t epoch_milliseconds(std::chrono::system_clock::time_point time);

// The time in UTC as in the common log format: "12/Mar/2020:19:03:58 +0000".
std::string common_log_time(std::chrono::system_clock::time_point time);

}  // namespace phork::emulator
