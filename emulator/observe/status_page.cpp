// SPDX-License-Identifier: MIT
#include "emulator/observe/status_page.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/observe/status_page_state.h"
#include "emulator/page/page.h"
#include "runtime/base/json_writer.h"
#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

using std::chrono::system_clock;

constexpr std::string_view kStatePath = "/_phork/state";

HttpReply reply_of(int status, std::string_view type, std::string body) {
  return {status,
          {{"content-type", std::string(type)},
           {"cache-control", "no-store"},
           {"x-content-type-options", "nosniff"},
           {"referrer-policy", "no-referrer"},
           // Other sites may not read it, nor find out whether it is there.
           {"cross-origin-resource-policy", "same-origin"}},
          std::move(body)};
}

HttpReply refusal(int status, std::string_view message) {
  base::JsonWriter json;
  json.begin_object().field("message", message).end_object();
  return reply_of(status, "application/json", std::move(json).text());
}

// The number behind `name=`, 0 when it is not there; empty when it is no number.
std::optional<std::uint64_t> parameter(std::string_view query, std::string_view name) {
  return base::parse_number<std::uint64_t>(find_parameter(query, name).value_or("0"));
}

}  // namespace

bool StatusPage::takes(const HttpRequest& head) const {
  const std::string_view path = head.raw_path();
  constexpr std::string_view kPage = kPath;
  return path.starts_with(kPage) && (path.size() == kPage.size() || path[kPage.size()] == '/');
}

void StatusPage::handle(HttpRequest request, HttpConnection& connection) {
  connection.send(reply_to(request));
}

HttpReply StatusPage::reply_to(const HttpRequest& request) const {
  const std::string_view path = request.raw_path();
  const bool is_page = path == kPath || path == "/_phork/";
  if (!is_page && path != kStatePath) return refusal(404, "Not Found");
  if (request.method != "GET" && request.method != "HEAD") {
    HttpReply reply = refusal(405, "Method Not Allowed");
    reply.headers.push_back({"allow", "GET, HEAD"});
    return reply;
  }
  if (!is_page) return state(request.query());
  HttpReply reply = reply_of(200, "text/html; charset=utf-8", std::string(kStatusPage));
  reply.headers.push_back({"content-security-policy", std::string(kStatusPagePolicy)});
  return reply;
}

HttpReply StatusPage::state(std::string_view query) const {
  const auto invocations = parameter(query, "invocations");
  const auto log = parameter(query, "log");
  if (!invocations || !log) return refusal(400, "expected numbers for invocations and log");
  const ActivitySnapshot snapshot = activity_.snapshot(*invocations, *log);
  return reply_of(200, "application/json",
                  write_state(config_, snapshot, {started_, system_clock::now()}));
}

}  // namespace phork::emulator
