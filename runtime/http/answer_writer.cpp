// SPDX-License-Identifier: MIT
#include "runtime/http/answer_writer.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "runtime/base/base64.h"
#include "runtime/base/json_writer.h"
#include "runtime/base/text.h"
#include "runtime/http/message.h"

namespace phork::http {
namespace {

using base::JsonWriter;

// The values of one header in the order they were given; `name` as it was written first.
struct HeaderGroup {
  std::string_view name;
  std::string lower_name;
  std::vector<std::string_view> values;

  bool is_set_cookie() const { return lower_name == "set-cookie"; }
};

using HeaderGroups = std::vector<HeaderGroup>;

HeaderGroups group_headers(const Response& response) {
  HeaderGroups groups;
  for (const event::NameValue& header : response.headers) {
    if (!is_well_formed(header)) continue;
    std::string name = base::lower_case(header.name);
    // A length beside no content is an error: https://www.rfc-editor.org/rfc/rfc9110#section-8.6
    if (response.status == 204 && name == "content-length") continue;
    const auto known = std::find_if(groups.begin(), groups.end(), [&](const HeaderGroup& group) {
      return group.lower_name == name;
    });
    if (known != groups.end()) {
      known->values.push_back(header.value);
    } else {
      groups.push_back({header.name, std::move(name), {header.value}});
    }
  }
  return groups;
}

std::string lower_value(const HeaderGroups& groups, std::string_view lower_name) {
  for (const HeaderGroup& group : groups) {
    if (group.lower_name == lower_name) return base::lower_case(group.values.back());
  }
  return {};
}

bool is_textual(std::string_view content_type) {
  constexpr std::array<std::string_view, 6> kTextual{
      "application/json",       "application/xml",          "application/javascript",
      "application/ecmascript", "application/x-javascript", "application/x-www-form-urlencoded",
  };
  const std::string_view type = base::trim(content_type.substr(0, content_type.find(';')));
  return type.empty() || type.starts_with("text/") || type.ends_with("+json") ||
         type.ends_with("+xml") ||
         std::find(kTextual.begin(), kTextual.end(), type) != kTextual.end();
}

bool is_text(const Response& response, const HeaderGroups& groups) {
  const std::string encoding = lower_value(groups, "content-encoding");
  return (encoding.empty() || encoding == "identity") &&
         is_textual(lower_value(groups, "content-type")) &&
         simdjson::validate_utf8(response.body.data(), response.body.size());
}

std::string single_value(const HeaderGroup& group) {
  std::string value(group.values.back());
  if (group.values.size() == 1 || !may_be_joined(group.lower_name)) return value;
  value.assign(group.values.front());
  for (std::size_t i = 1; i < group.values.size(); ++i) value.append(", ").append(group.values[i]);
  return value;
}

void write_list(JsonWriter& out, const HeaderGroup& group) {
  out.begin_array();
  for (const std::string_view value : group.values) out.string(value);
  out.end_array();
}

enum class Cookies { kAsHeader, kApart };

void write_single_headers(JsonWriter& out, const HeaderGroups& groups, Cookies cookies) {
  out.key("headers").begin_object();
  for (const HeaderGroup& group : groups) {
    if (cookies == Cookies::kApart && group.is_set_cookie()) continue;
    out.key(group.name).string(single_value(group));
  }
  out.end_object();
}

void write_cookies(JsonWriter& out, const HeaderGroups& groups) {
  for (const HeaderGroup& group : groups) {
    if (!group.is_set_cookie()) continue;
    out.key("cookies");
    write_list(out, group);
  }
}

// API Gateway merges both maps, so each header stands in one: a list only where it takes one.
void write_v1_headers(JsonWriter& out, const HeaderGroups& groups) {
  const auto is_listed = [](const HeaderGroup& group) {
    return group.values.size() > 1 || group.is_set_cookie();
  };
  out.key("headers").begin_object();
  for (const HeaderGroup& group : groups) {
    if (!is_listed(group)) out.key(group.name).string(group.values.front());
  }
  out.end_object();
  if (std::none_of(groups.begin(), groups.end(), is_listed)) return;
  out.key("multiValueHeaders").begin_object();
  for (const HeaderGroup& group : groups) {
    if (!is_listed(group)) continue;
    out.key(group.name);
    write_list(out, group);
  }
  out.end_object();
}

// A target group with lists switched on looks at no other map.
void write_list_headers(JsonWriter& out, const HeaderGroups& groups) {
  out.key("multiValueHeaders").begin_object();
  for (const HeaderGroup& group : groups) {
    out.key(group.name);
    write_list(out, group);
  }
  out.end_object();
}

void write_status_description(JsonWriter& out, std::uint16_t status) {
  const std::string_view phrase = reason_phrase(status);
  if (phrase.empty()) return;
  out.field("statusDescription", std::to_string(status).append(" ").append(phrase));
}

void write_headers(JsonWriter& out, const Response& response, const HeaderGroups& groups,
                   EventShape shape) {
  switch (shape) {
    case EventShape::kApiGatewayV1:
    case EventShape::kWebSocket:
      write_v1_headers(out, groups);
      break;
    case EventShape::kApiGatewayV2:
      write_single_headers(out, groups, Cookies::kApart);
      write_cookies(out, groups);
      break;
    case EventShape::kAlb:
    case EventShape::kVpcLatticeV2:
      write_status_description(out, response.status);
      write_single_headers(out, groups, Cookies::kAsHeader);
      break;
    case EventShape::kAlbMultiValue:
      write_status_description(out, response.status);
      write_list_headers(out, groups);
      break;
  }
}

std::size_t header_bytes(const Response& response) {
  constexpr std::size_t kPunctuation = 16;
  std::size_t bytes = 0;
  for (const event::NameValue& header : response.headers) {
    bytes += header.name.size() + header.value.size() + kPunctuation;
  }
  return bytes;
}

constexpr std::string_view kPreludeType = "application/vnd.awslambda.http-integration-response";
constexpr std::string_view kRawType = "application/octet-stream";
constexpr std::size_t kSeparatorBytes = 8;

std::string content_type(const std::vector<event::NameValue>& headers) {
  for (const event::NameValue& header : headers) {
    if (base::equal_in_any_case(header.name, "content-type")) return header.value;
  }
  return std::string(kRawType);
}

}  // namespace

bool has_body(std::uint16_t status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string write_prelude(const Response& response, EventShape shape) {
  const bool lists = shape == EventShape::kApiGatewayV1 || shape == EventShape::kWebSocket;
  const HeaderGroups groups = group_headers(response);
  JsonWriter out;
  out.begin_object().key("statusCode").integer(response.status);
  write_headers(out, response, groups, lists ? shape : EventShape::kApiGatewayV2);
  return std::move(out.end_object()).text();
}

std::string write_answer(const Response& response, EventShape shape) {
  constexpr std::size_t kFrameBytes = 256;  // all but headers and body
  const HeaderGroups groups = group_headers(response);
  const std::string_view body = has_body(response.status) ? response.body : "";
  const bool text = body.empty() || is_text(response, groups);
  JsonWriter out;
  out.reserve(kFrameBytes + header_bytes(response) +
              (text ? JsonWriter::string_bound(body) : base::base64_size(body.size())));
  out.begin_object().key("statusCode").integer(response.status);
  write_headers(out, response, groups, shape);
  out.key("isBase64Encoded").boolean(!text);
  out.key("body");
  if (text) {
    out.string(body);
  } else {
    base::encode_base64(body, out.plain_string(base::base64_size(body.size())));
  }
  return std::move(out.end_object()).text();
}

base::Status StreamWriter::open(std::uint16_t status, const std::vector<event::NameValue>& headers,
                                std::string_view first_bytes, base::Deadline deadline) {
  if (status == kNoStatus) {
    if (auto begun = stream_.begin(content_type(headers)); !begun) return begun;
    return write(first_bytes, deadline);
  }
  has_body_ = has_body(status);
  if (auto begun = stream_.begin(std::string(kPreludeType)); !begun) return begun;
  std::string prelude = write_prelude({status, headers, {}}, shape_);
  prelude.append(kSeparatorBytes, '\0');
  if (has_body_) prelude.append(first_bytes);
  return stream_.write(prelude, deadline);
}

base::Status StreamWriter::write(std::string_view bytes, base::Deadline deadline) {
  return has_body_ && !bytes.empty() ? stream_.write(bytes, deadline) : base::ok_status();
}

}  // namespace phork::http
