// SPDX-License-Identifier: MIT
#include "emulator/gateway/lattice.h"

#include <chrono>
#include <optional>
#include <utility>

#include "emulator/gateway/answer.h"
#include "emulator/gateway/request.h"

namespace phork::emulator {
namespace {

using base::JsonWriter;

void write_request_context(JsonWriter& json, const GatewayContext& context) {
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

std::string make_lattice_event(const HttpRequest& request, const GatewayContext& context) {
  JsonWriter json;
  json.begin_object().field("version", "2.0").field("path", request.raw_path());
  json.field("method", request.method);
  write_lists(json.key("headers"), event_headers(request, context, NameCase::kLower));
  write_lists(json.key("queryStringParameters"),
              query_parameters(request.query(), QueryText::kAsSent));
  write_body(json, request, is_plain_text_type(media_type(request)), EmptyBody::kOmitted);
  write_request_context(json, context);
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
