// SPDX-License-Identifier: MIT
#include "emulator/gateway/answer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/base/base64.h"
#include "runtime/base/text.h"
#include "runtime/http/message.h"

namespace phork::emulator {
namespace {

using event::NameValue;
using simdjson::dom::element;
using simdjson::dom::object;

// Numbers and booleans become text; nullopt for arrays and objects.
std::optional<std::string> scalar_text(const element& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  if (value.is_number() || value.is_bool()) return simdjson::minify(value);
  return std::nullopt;
}

bool add_header(Headers& headers, std::string_view name, const element& value) {
  std::optional<std::string> text = scalar_text(value);
  if (!text) return false;
  NameValue header{base::lower_case(name), std::move(*text)};
  if (is_hop_by_hop(header.name) || header.name == "content-length") return true;
  if (!http::is_well_formed(header)) return false;
  headers.push_back(std::move(header));
  return true;
}

bool add_headers(Headers& headers, std::string_view name, const element& values) {
  simdjson::dom::array list;
  if (values.get(list) != simdjson::SUCCESS) return false;
  return std::all_of(list.begin(), list.end(),
                     [&](const element& value) { return add_header(headers, name, value); });
}

using AddField = bool (*)(Headers& headers, std::string_view name, const element& value);

bool read_map(const object& answer, std::string_view map, Headers& headers, AddField add_field) {
  element found;
  if (answer[map].get(found) != simdjson::SUCCESS || found.is_null()) return true;
  object fields;
  if (found.get(fields) != simdjson::SUCCESS) return false;
  return std::all_of(fields.begin(), fields.end(), [&](const simdjson::dom::key_value_pair& field) {
    return add_field(headers, field.key, field.value);
  });
}

}  // namespace

std::optional<element> parse_answer(const EventResult& result) {
  thread_local simdjson::dom::parser parser;
  element root;
  if (!result.answered() ||
      parser.parse(result.body.data(), result.body.size()).get(root) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return root;
}

std::optional<object> parse_http_answer(const EventResult& result) {
  const std::optional<element> root = parse_answer(result);
  object answer;
  if (!root || root->get(answer) != simdjson::SUCCESS ||
      answer["statusCode"].error() != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return answer;
}

bool read_status(const object& answer, HttpReply& reply) {
  std::int64_t status = 0;
  if (answer["statusCode"].get(status) != simdjson::SUCCESS) return false;
  reply.status = static_cast<int>(status);
  return status >= 200 && status <= 599;
}

bool read_header_texts(const object& answer, std::string_view map, Headers& headers) {
  return read_map(answer, map, headers, add_header);
}

bool read_header_lists(const object& answer, std::string_view map, Headers& headers) {
  return read_map(answer, map, headers, add_headers);
}

bool read_cookies(const object& answer, Headers& headers) {
  element found;
  if (answer["cookies"].get(found) != simdjson::SUCCESS || found.is_null()) return true;
  simdjson::dom::array cookies;
  if (found.get(cookies) != simdjson::SUCCESS) return false;
  return std::all_of(cookies.begin(), cookies.end(), [&](const element& cookie) {
    std::string_view text;
    if (cookie.get(text) != simdjson::SUCCESS) return false;
    headers.push_back({"set-cookie", std::string(text)});
    return http::is_well_formed(headers.back());
  });
}

void add_missing(Headers& headers, Headers more) {
  for (NameValue& header : more) {
    if (std::ranges::find(headers, header) == headers.end()) headers.push_back(std::move(header));
  }
}

bool read_body(const object& answer, HttpReply& reply) {
  element body;
  if (answer["body"].get(body) != simdjson::SUCCESS || body.is_null()) return true;
  std::string_view text;
  if (body.get(text) != simdjson::SUCCESS) return false;
  bool encoded = false;
  if (answer["isBase64Encoded"].get(encoded) != simdjson::SUCCESS || !encoded) {
    reply.body = text;
    return true;
  }
  base::Result<std::string> decoded = base::decode_base64(text, "body");
  if (!decoded) return false;
  reply.body = std::move(decoded).value();
  return true;
}

bool has_header(const Headers& headers, std::string_view lower_name) {
  return std::ranges::find(headers, lower_name, &NameValue::name) != headers.end();
}

void add_default_type(Headers& headers) {
  if (!has_header(headers, "content-type")) {
    headers.push_back({"content-type", "application/json"});
  }
}

bool is_hop_by_hop(std::string_view lower_name) {
  constexpr std::array<std::string_view, 7> kNames = {
      "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade",
      "te",         "expect"};
  return std::ranges::find(kNames, lower_name) != kNames.end();
}

}  // namespace phork::emulator
