// SPDX-License-Identifier: MIT
#include "tests/http/differences.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "runtime/http/percent.h"

namespace phork::http_suite {
namespace {

void replace_all(std::string& text, const std::string& old, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(old, at)) != std::string::npos; at += by.size()) {
    text.replace(at, old.size(), by);
  }
}

void drop(Facts& facts, std::initializer_list<const char*> names) {
  for (const char* name : names) facts.erase(name);
}

void drop_prefix(Facts& facts, std::string_view prefix) {
  std::erase_if(facts, [&](const auto& fact) { return fact.first.starts_with(prefix); });
}

void own_addresses(Facts& ours, Facts& theirs, const Gateway& /*gateway*/) {
  for (Facts* facts : {&ours, &theirs}) {
    drop(*facts, {"server SERVER_SOFTWARE", "server SERVER_ADDR", "server REMOTE_PORT"});
  }
}

void lambda_context(Facts& ours, Facts& /*theirs*/, const Gateway& /*gateway*/) {
  drop(ours, {"server LAMBDA_REQUEST_CONTEXT", "server LAMBDA_INVOCATION_CONTEXT"});
}

void environment(Facts& ours, Facts& theirs, const Gateway& /*gateway*/) {
  for (const char* prefix :
       {"server AWS_", "server LAMBDA_TASK_ROOT", "server _HANDLER", "server _X_AMZN_",
        "server PHORK_", "server ASAN_", "server UBSAN_", "server LSAN_"}) {
    drop_prefix(ours, prefix);
    drop_prefix(theirs, prefix);
  }
}

void pool_user(Facts& ours, Facts& theirs, const Gateway& /*gateway*/) {
  for (Facts* facts : {&ours, &theirs}) drop(*facts, {"server USER", "server HOME"});
}

void trace(Facts& ours, Facts& /*theirs*/, const Gateway& /*gateway*/) {
  drop(ours, {"server HTTP_X_AMZN_TRACE_ID", "headers X-Amzn-Trace-Id"});
}

void proxy_header(Facts& ours, Facts& theirs, const Gateway& /*gateway*/) {
  if (!ours.contains("headers Proxy")) drop(theirs, {"headers Proxy"});
}

void repeated_request_headers(Facts& ours, Facts& theirs, const Gateway& gateway) {
  if (!gateway.joins_by_comma) return;
  for (Facts* facts : {&ours, &theirs}) {
    for (auto& [name, value] : *facts) {
      const bool asked = name.starts_with("server HTTP_") || name.starts_with("headers ");
      if (asked) replace_all(value, ", ", ",");
    }
  }
}

void repeated_answer_headers(Facts& ours, Facts& theirs, const Gateway& /*gateway*/) {
  for (Facts* facts : {&ours, &theirs}) {
    for (auto& [name, value] : *facts) {
      if (name.starts_with("header ") && name != "header set-cookie") {
        replace_all(value, kBetweenValues, ", ");
      }
    }
  }
}

// nginx removes the header; API Gateway invents one for an answer without it.
void type_of_nothing(Facts& ours, Facts& theirs, const Gateway& /*gateway*/) {
  if (theirs["status"] == "204" || theirs["status"] == "304") drop(ours, {"header content-type"});
  if (theirs["status"] == "204") drop(theirs, {"header content-type"});
}

void header_without_colon(Facts& /*ours*/, Facts& theirs, const Gateway& /*gateway*/) {
  drop(theirs, {"header x-no-colon"});
}

void hop_headers(Facts& ours, Facts& theirs, const Gateway& /*gateway*/) {
  for (Facts* facts : {&ours, &theirs}) {
    drop(*facts, {"header server", "header date", "header connection", "header keep-alive",
                  "header transfer-encoding", "header content-length"});
  }
}

std::string decoded(const std::string& text) {
  return http::percent_decode(text);
}

// The pairs of a query, decoded and sorted by name; values of one name keep their order.
std::string regrouped(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    pairs.emplace_back(http::percent_decode(pair.substr(0, equals), true),
                       http::percent_decode(pair.substr(std::min(equals + 1, pair.size())), true));
  }
  std::ranges::stable_sort(pairs, {}, &std::pair<std::string, std::string>::first);
  std::string text;
  for (const auto& [name, value] : pairs) text.append(name).append("=").append(value).append("&");
  return text;
}

// The text of a JSON string that has no escapes.
std::string unquoted(const std::string& json) {
  return json.size() < 2 ? json : json.substr(1, json.size() - 2);
}

void target_text(Facts& ours, Facts& theirs, const Gateway& gateway) {
  for (Facts* facts : {&ours, &theirs}) {
    const auto uri = facts->find("server REQUEST_URI");
    if (uri == facts->end()) continue;
    const std::string text = unquoted(uri->second);
    const std::size_t end = std::min(text.find('?'), text.size());
    std::string path = text.substr(0, end);
    std::string query = text.substr(std::min(end + 1, text.size()));
    if (gateway.decodes_path) path = decoded(path);
    if (gateway.rebuilds_query) {
      query = regrouped(query);
      std::string& parameters = (*facts)["server QUERY_STRING"];
      parameters = regrouped(unquoted(parameters));
    }
    // No event holds a question mark with nothing behind it.
    uri->second = query.empty() ? path : path.append("?").append(query);
  }
}

}  // namespace

const std::vector<Difference>& intended_differences() {
  static const std::vector<Difference> all{
      {"`SERVER_SOFTWARE`, `SERVER_ADDR` (127.0.0.1), `REMOTE_PORT` (0)",
       "the program is another one; no event has the function's address or the client's port",
       own_addresses},
      {"`LAMBDA_REQUEST_CONTEXT`, `LAMBDA_INVOCATION_CONTEXT`",
       "added: JSON that only an event has", lambda_context},
      {"`AWS_*`, `LAMBDA_TASK_ROOT`, `_HANDLER`, `_X_AMZN_*`, `PHORK_*`",
       "the environment of a function, which PHP lists in `$_SERVER` as it does on a server",
       environment},
      {"`USER`, `HOME`", "php-fpm sets them to the user of its pool; Lambda has neither",
       pool_user},
      {"`X-Amzn-Trace-Id`", "the gateway adds this request header", trace},
      {"repeated request headers",
       "joined by `, ` (`,` behind an HTTP API or a function URL), as nginx 1.23 and later do; "
       "Debian's 1.22 lets PHP see the last one",
       repeated_request_headers},
      {"repeated headers of an answer",
       "joined by `, ` where the answer that the gateway takes has one place for a name; "
       "`Set-Cookie` never is: ALB without lists and Lattice carry the last one",
       repeated_answer_headers},
      {"`Proxy` of a request",
       "not in `getallheaders()` either; php-fpm keeps it out of `$_SERVER` only", proxy_header},
      {"`Content-Type` of a 204 or 304",
       "kept (but that of a 304 under `fpm`, which php-fpm drops); nginx takes it away, API "
       "Gateway would make up `application/json` instead",
       type_of_nothing},
      {"`header('X-No-Colon')`",
       "left out: it is not a header; nginx makes one with an empty value", header_without_colon},
      {"an uncaught exception once a part of a streamed answer has left",
       "ends the stream with Lambda's error trailers, so that the event counts as failed; php-fpm "
       "ends the answer as if it were whole",
       nullptr},
      {"`/missing.php`, `/folder` with `PHORK_ROUTE=files`",
       "run the entry; nginx itself answers 404 and a redirect to `/folder/`", nullptr},
      {"`REQUEST_URI`, `QUERY_STRING`",
       "as sent where the event holds the text; an HTTP API and a function URL decode the path, "
       "the "
       "other gateways take the query apart, and phork puts both together again, so that other "
       "characters may be escaped, a name without `=` gets one and a lone `?` is gone; the "
       "superglobals are the same",
       target_text},
      {"`Server`, `Date`, `Connection`, `Transfer-Encoding`, `Content-Length` of an answer",
       "the gateway writes its own", hop_headers},
  };
  return all;
}

}  // namespace phork::http_suite
