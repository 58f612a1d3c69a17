// SPDX-License-Identifier: MIT
//
// What the payload formats have in common on the way in: headers and query parameters by name, the
// body as text or base64, times. The formats choose the form in which an event shows them. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/gateway/payload.h"
#include "runtime/base/json_writer.h"

namespace phork::emulator {

// The values of one name, in the order they came.
struct Field {
  std::string key;   // equal for names that count as the same
  std::string name;  // as the event shows it
  std::vector<std::string> values;
};

using Fields = std::vector<Field>;

enum class NameCase : std::uint8_t { kLower, kAsSent };

// Without what is meant for one connection only; with `x-forwarded-*` and `x-amzn-trace-id`. A
// protocol and port that the client claims are kept, so that HTTPS can be played without TLS.
Fields event_headers(const HttpRequest& request, const GatewayContext& context, NameCase names);

enum class QueryText : std::uint8_t { kDecoded, kAsSent };

Fields query_parameters(std::string_view query, QueryText text);

// Each is one JSON object.
void write_joined(base::JsonWriter& json, const Fields& fields);  // {"a":"1,2"}
void write_last(base::JsonWriter& json, const Fields& fields);    // {"a":"2"}
void write_lists(base::JsonWriter& json, const Fields& fields);   // {"a":["1","2"]}

// The content type in lower case, without its parameters.
std::string media_type(const HttpRequest& request);

// What every front door passes on as text; some know more.
bool is_plain_text_type(std::string_view media_type);

enum class EmptyBody : std::uint8_t { kOmitted, kNull, kText };

// `body` and `isBase64Encoded`. A body that is encoded or no UTF-8 is base64 whatever its type.
void write_body(base::JsonWriter& json, const HttpRequest& request, bool is_text_type,
                EmptyBody empty);

// The Host header without port.
std::string_view domain_name(const HttpRequest& request);

std::string_view protocol(const HttpRequest& request);

std::int64_t epoch_milliseconds(std::chrono::system_clock::time_point time);

// The common log format's time in UTC: "12/Mar/2020:19:03:58 +0000".
std::string common_log_time(std::chrono::system_clock::time_point time);

}  // namespace phork::emulator
