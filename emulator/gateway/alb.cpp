// SPDX-License-Identifier: MIT
#include "emulator/gateway/alb.h"

#include <optional>
#include <utility>

#include "emulator/gateway/answer.h"
#include "emulator/gateway/request.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;
using simdjson::dom::object;

enum class Mode : std::uint8_t { kLast, kLists };

void write_map(JsonWriter& json, Mode mode, const Fields& fields) {
  if (mode == Mode::kLists) {
    write_lists(json, fields);
  } else {
    write_last(json, fields);
  }
}

std::string make_event(const HttpRequest& request, const GatewayContext& context, Mode mode) {
  const bool lists = mode == Mode::kLists;
  JsonWriter json;
  json.begin_object().key("requestContext").begin_object().key("elb").begin_object();
  json.field("targetGroupArn",
             "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/phork/0");
  json.end_object().end_object();
  json.field("httpMethod", request.method).field("path", request.raw_path());
  json.key(lists ? "multiValueQueryStringParameters" : "queryStringParameters");
  write_map(json, mode, query_parameters(request.query(), QueryText::kAsSent));
  json.key(lists ? "multiValueHeaders" : "headers");
  write_map(json, mode, event_headers(request, context, NameCase::kLower));
  write_body(json, request, is_plain_text_type(media_type(request)), EmptyBody::kText);
  return std::move(json.end_object()).text();
}

HttpReply bad_gateway() {
  return {502,
          {{"content-type", "text/html"}, {"server", "awselb/2.0"}},
          "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
          "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"};
}

// "200 OK": the status once more, and the words for the status line.
void read_description(const object& answer, HttpReply& reply) {
  std::string_view text;
  if (answer["statusDescription"].get(text) != simdjson::SUCCESS) return;
  const std::size_t blank = text.find(' ');
  if (blank != std::string_view::npos) reply.reason = text.substr(blank + 1);
}

HttpReply make_reply(const EventResult& result, Mode mode) {
  const std::optional<object> answer = parse_http_answer(result);
  HttpReply reply;
  if (!answer || !read_status(*answer, reply)) return bad_gateway();
  const bool headers_read = mode == Mode::kLists
                                ? read_header_lists(*answer, "multiValueHeaders", reply.headers)
                                : read_header_texts(*answer, "headers", reply.headers);
  if (!headers_read || !read_body(*answer, reply)) return bad_gateway();
  read_description(*answer, reply);
  return reply;
}

}  // namespace

std::string make_alb_event(const HttpRequest& request, const GatewayContext& context) {
  return make_event(request, context, Mode::kLast);
}

HttpReply make_alb_reply(const EventResult& result) {
  return make_reply(result, Mode::kLast);
}

std::string make_alb_multi_event(const HttpRequest& request, const GatewayContext& context) {
  return make_event(request, context, Mode::kLists);
}

HttpReply make_alb_multi_reply(const EventResult& result) {
  return make_reply(result, Mode::kLists);
}

}  // namespace phork::emulator
