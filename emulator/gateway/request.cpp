// SPDX-License-Identifier: MIT
#include "emulator/gateway/request.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include <simdjson.h>

#include "emulator/gateway/answer.h"
#include "runtime/base/base64.h"
#include "runtime/base/text.h"
#include "runtime/http/percent.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;
using event::NameValue;

void add(Fields& fields, std::string key, std::string_view name, std::string value) {
  const auto known = std::ranges::find(fields, key, &Field::key);
  if (known != fields.end()) {
    known->values.push_back(std::move(value));
  } else {
    fields.push_back({std::move(key), std::string(name), {std::move(value)}});
  }
}

// Adds the gateway's own headers, spelled as the gateway does unless names are in lower case.
class OwnHeaders {
 public:
  OwnHeaders(Fields& fields, NameCase names) : fields_(fields), names_(names) {}

  // Appends to the value that the client sent, if any.
  void append(std::string_view name, const std::string& value) {
    Field& field = find(name);
    if (field.values.empty()) {
      field.values.push_back(value);
    } else {
      field.values.back().append(", ").append(value);
    }
  }

  void set_if_absent(std::string_view name, std::string value) {
    Field& field = find(name);
    if (field.values.empty()) field.values.push_back(std::move(value));
  }

 private:
  Field& find(std::string_view name) {
    std::string key = base::lower_case(name);
    const auto known = std::ranges::find(fields_, key, &Field::key);
    if (known != fields_.end()) return *known;
    fields_.push_back({key, names_ == NameCase::kLower ? key : std::string(name), {}});
    return fields_.back();
  }

  Fields& fields_;
  NameCase names_;
};

}  // namespace

Fields event_headers(const HttpRequest& request, const GatewayContext& context, NameCase names) {
  Fields fields;
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const NameValue& header = request.headers[i];
    if (is_hop_by_hop(header.name)) continue;
    const bool as_sent = names == NameCase::kAsSent && i < request.sent_names.size();
    add(fields, header.name, as_sent ? request.sent_names[i] : header.name, header.value);
  }
  OwnHeaders own(fields, names);
  own.append("X-Forwarded-For", request.remote_address);
  own.set_if_absent("X-Forwarded-Port", std::to_string(context.port));
  own.set_if_absent("X-Forwarded-Proto", "http");
  own.set_if_absent("X-Amzn-Trace-Id", context.trace_id.substr(0, context.trace_id.find(';')));
  return fields;
}

Fields query_parameters(std::string_view query, QueryText text) {
  const auto read = [text](std::string_view part) {
    return text == QueryText::kDecoded ? http::percent_decode(part, true) : std::string(part);
  };
  Fields parameters;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (!pair.empty()) {
      const std::string name = read(pair.substr(0, equals));
      add(parameters, name, name, read(pair.substr(std::min(equals + 1, pair.size()))));
    }
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
  }
  return parameters;
}

void write_joined(JsonWriter& json, const Fields& fields) {
  json.begin_object();
  for (const Field& field : fields) {
    std::string joined;
    for (const std::string& value : field.values) {
      if (&value != field.values.data()) joined.push_back(',');
      joined.append(value);
    }
    json.field(field.name, joined);
  }
  json.end_object();
}

void write_last(JsonWriter& json, const Fields& fields) {
  json.begin_object();
  for (const Field& field : fields) json.field(field.name, field.values.back());
  json.end_object();
}

void write_lists(JsonWriter& json, const Fields& fields) {
  json.begin_object();
  for (const Field& field : fields) {
    json.key(field.name).begin_array();
    for (const std::string& value : field.values) json.string(value);
    json.end_array();
  }
  json.end_object();
}

std::string media_type(const HttpRequest& request) {
  const std::string_view type = request.header("content-type");
  return base::lower_case(base::trim(type.substr(0, type.find(';'))));
}

bool is_plain_text_type(std::string_view media_type) {
  return media_type.starts_with("text/") || media_type == "application/json" ||
         media_type == "application/xml" || media_type == "application/javascript";
}

void write_body(JsonWriter& json, const HttpRequest& request, bool is_text_type, EmptyBody empty) {
  const std::string& body = request.body;
  const bool text = body.empty() || (is_text_type && request.header("content-encoding").empty() &&
                                     simdjson::validate_utf8(body.data(), body.size()));
  if (!text) {
    json.key("body");
    base::encode_base64(body, json.plain_string(base::base64_size(body.size())));
  } else if (!body.empty() || empty == EmptyBody::kText) {
    json.field("body", body);
  } else if (empty == EmptyBody::kNull) {
    json.key("body").null();
  }
  json.key("isBase64Encoded").boolean(!text);
}

std::string_view domain_name(const HttpRequest& request) {
  const std::string_view host = request.header("host");
  if (host.empty()) return "127.0.0.1";
  if (host.front() == '[') return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

std::string_view protocol(const HttpRequest& request) {
  return request.http_1_0 ? "HTTP/1.0" : "HTTP/1.1";
}

std::int64_t epoch_milliseconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::string common_log_time(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 40> text{};
  // No program of ours sets a locale, so the names of months are English.
  const std::size_t length =
      std::strftime(text.data(), text.size(), "%d/%b/%Y:%H:%M:%S +0000", &parts);
  return {text.data(), length};
}

}  // namespace phork::emulator
