// SPDX-License-Identifier: MIT
#include "emulator/gateway/target_group.h"

#include <chrono>
#include <optional>
#include <utility>

#include "emulator/gateway/answer.h"
#include "emulator/gateway/request.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;
using simdjson::dom::object;

enum class AlbMode : std::uint8_t { kLast, kLists };

void write_alb_map(JsonWriter& json, AlbMode mode, const Fields& fields) {
  if (mode == AlbMode::kLists) {
    write_lists(json, fields);
  } else {
    write_last(json, fields);
  }
}

std::string make_event_of_alb(const HttpRequest& request, const GatewayContext& context,
                              AlbMode mode) {
  const bool lists = mode == AlbMode::kLists;
  JsonWriter json;
  json.begin_object().key("requestContext").begin_object().key("elb").begin_object();
  json.field("targetGroupArn",
             "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/phork/0");
  json.end_object().end_object();
  json.field("httpMethod", request.method).field("path", request.raw_path());
  json.key(lists ? "multiValueQueryStringParameters" : "queryStringParameters");
  write_alb_map(json, mode, query_parameters(request.query(), QueryText::kAsSent));
  json.key(lists ? "multiValueHeaders" : "headers");
  write_alb_map(json, mode, event_headers(request, context, NameCase::kLower));
  write_body(json, request, is_plain_text_type(media_type(request)), EmptyBody::kText);
  return std::move(json.end_object()).text();
}

HttpReply alb_error() {
  return {502,
          {{"content-type", "text/html"}, {"server", "awselb/2.0"}},
          "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
          "<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n"};
}

// Takes the reason phrase from a statusDescription such as "200 OK".
void read_alb_reason(const object& answer, HttpReply& reply) {
  std::string_view text;
  if (answer["statusDescription"].get(text) != simdjson::SUCCESS) return;
  const std::size_t blank = text.find(' ');
  if (blank != std::string_view::npos) reply.reason = text.substr(blank + 1);
}

HttpReply make_reply_of_alb(const EventResult& result, AlbMode mode) {
  const std::optional<object> answer = parse_http_answer(result);
  HttpReply reply;
  if (!answer || !read_status(*answer, reply)) return alb_error();
  const bool headers_read = mode == AlbMode::kLists
                                ? read_header_lists(*answer, "multiValueHeaders", reply.headers)
                                : read_header_texts(*answer, "headers", reply.headers);
  if (!headers_read || !read_body(*answer, reply)) return alb_error();
  read_alb_reason(*answer, reply);
  return reply;
}

void write_lattice_context(JsonWriter& json, const GatewayContext& context) {
  const auto time = std::chrono::duration_cast<Microseconds>(context.now.time_since_epoch());
  constexpr std::string_view kArn = "arn:aws:vpc-lattice:us-east-1:123456789012:";
  const auto arn = [kArn](std::string_view resource) { return std::string(kArn).append(resource); };
  json.key("requestContext").begin_object();
  json.field("serviceNetworkArn", arn("servicenetwork/sn-phork"));
  json.field("serviceArn", arn("service/svc-phork"));
  json.field("targetGroupArn", arn("targetgroup/tg-phork"));
  json.key("identity").begin_object();
  json.field("sourceVpcArn", "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-phork").end_object();
  json.field("region", "us-east-1").field("timeInMicros", std::to_string(time.count()));
  json.end_object();
}

}  // namespace

std::string make_alb_event(const HttpRequest& request, const GatewayContext& context) {
  return make_event_of_alb(request, context, AlbMode::kLast);
}

HttpReply make_alb_reply(const EventResult& result) {
  return make_reply_of_alb(result, AlbMode::kLast);
}

std::string make_alb_multi_event(const HttpRequest& request, const GatewayContext& context) {
  return make_event_of_alb(request, context, AlbMode::kLists);
}

HttpReply make_alb_multi_reply(const EventResult& result) {
  return make_reply_of_alb(result, AlbMode::kLists);
}

std::string make_lattice_event(const HttpRequest& request, const GatewayContext& context) {
  JsonWriter json;
  json.begin_object().field("version", "2.0").field("path", request.raw_path());
  json.field("method", request.method);
  write_lists(json.key("headers"), event_headers(request, context, NameCase::kLower));
  write_lists(json.key("queryStringParameters"),
              query_parameters(request.query(), QueryText::kAsSent));
  write_body(json, request, is_plain_text_type(media_type(request)), EmptyBody::kOmitted);
  write_lattice_context(json, context);
  return std::move(json.end_object()).text();
}

HttpReply make_lattice_reply(const EventResult& result) {
  const std::optional<simdjson::dom::object> answer = parse_http_answer(result);
  HttpReply reply;
  if (!answer || !read_status(*answer, reply) ||
      !read_header_texts(*answer, "headers", reply.headers) || !read_body(*answer, reply)) {
    return {502, {{"content-type", "text/plain"}}, "Bad Gateway"};
  }
  return reply;
}

}  // namespace phork::emulator
