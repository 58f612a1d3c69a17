// SPDX-License-Identifier: MIT
#include "runtime/tracing/receiver.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "runtime/base/text.h"
#include "runtime/http/percent.h"

namespace phork::tracing {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using base::variable;

Error wrong(const std::string& name, const std::string& expected) {
  return {ErrorKind::kInvalid, "settings: read " + name + ": expected " + expected};
}

// Visible ASCII, so that no value breaks a request in two.
bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

// "udp:ADDRESS:PORT", alone or behind "tcp:ADDRESS:PORT", or "ADDRESS:PORT".
Status read_xray(Receiver& receiver) {
  constexpr const char* kName = "AWS_XRAY_DAEMON_ADDRESS";
  const std::string value = variable(kName);
  std::string_view address = value.empty() ? "127.0.0.1:2000" : std::string_view(value);
  if (const auto udp = address.find("udp:"); udp != std::string_view::npos) {
    address.remove_prefix(udp + 4);
    address = address.substr(0, address.find(' '));
  }
  auto endpoint = lambda::parse_endpoint(address);
  if (!endpoint) return wrong(kName, "ADDRESS:PORT");
  receiver.endpoint = std::move(endpoint).value();
  return base::ok_status();
}

// "KEY=VALUE,KEY=VALUE", percent-encoded as in W3C's baggage.
Status read_headers(Receiver& receiver) {
  constexpr const char* kName = "OTEL_EXPORTER_OTLP_HEADERS";
  const std::string value = variable(kName);
  for (std::string_view rest = value; !rest.empty();) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string_view pair = base::trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t sign = pair.find('=');
    const std::string_view name = base::trim(pair.substr(0, sign));
    const std::string text = sign == std::string_view::npos
                                 ? ""
                                 : http::percent_decode(base::trim(pair.substr(sign + 1)));
    const bool bad_name = name.empty() || name.find_first_of(": ") != std::string_view::npos;
    if (sign == std::string_view::npos || bad_name || !is_visible(name) || !is_visible(text)) {
      return wrong(kName, "NAME=VALUE, and more of them behind commas");
    }
    receiver.header_lines.append(name).append(": ").append(text).append("\r\n");
  }
  return base::ok_status();
}

Status read_timeout(Receiver& receiver) {
  constexpr const char* kName = "OTEL_EXPORTER_OTLP_TIMEOUT";
  constexpr unsigned kLongest = 60'000;
  const std::string value = variable(kName);
  if (value.empty()) return base::ok_status();
  const auto milliseconds = base::parse_number<unsigned>(value);
  if (!milliseconds || *milliseconds == 0 || *milliseconds > kLongest) {
    return wrong(kName, "milliseconds, 1 to " + std::to_string(kLongest));
  }
  receiver.timeout = std::chrono::milliseconds(*milliseconds);
  return base::ok_status();
}

Status read_otlp(Receiver& receiver) {
  std::string name = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  std::string value = variable(name.c_str());
  const bool is_whole = !value.empty();
  if (!is_whole) {
    name = "OTEL_EXPORTER_OTLP_ENDPOINT";
    value = variable(name.c_str());
  }
  if (value.empty()) value = "http://localhost:4318";
  constexpr std::string_view kScheme = "http://";
  const Error expected =
      wrong(name, "http://HOST:PORT of a collector, as an extension in this environment has it");
  if (!value.starts_with(kScheme) || !is_visible(value)) return expected;
  const std::string_view rest = std::string_view(value).substr(kScheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  auto endpoint = lambda::parse_endpoint(rest.substr(0, slash));
  if (!endpoint) return expected;
  receiver.endpoint = std::move(endpoint).value();
  receiver.path = rest.substr(slash);
  if (is_whole) {
    if (receiver.path.empty()) receiver.path = "/";
  } else {
    if (receiver.path.ends_with('/')) receiver.path.pop_back();
    receiver.path += "/v1/traces";
  }
  if (Status read = read_timeout(receiver); !read) return read;
  return read_headers(receiver);
}

}  // namespace

Result<Receiver> read_receiver() {
  Receiver receiver;
  const auto format = base::read(base::settings::kTrace);
  if (!format) return format.error();
  receiver.format = format.value();
  receiver.resource = {variable("OTEL_SERVICE_NAME"), variable("AWS_LAMBDA_FUNCTION_NAME"),
                       variable("AWS_LAMBDA_FUNCTION_VERSION"), variable("AWS_REGION")};
  if (receiver.resource.service.empty()) receiver.resource.service = receiver.resource.function;
  if (receiver.resource.service.empty()) receiver.resource.service = "unknown_service";
  Status read = base::ok_status();
  if (receiver.format == base::Trace::kXray) read = read_xray(receiver);
  if (receiver.format == base::Trace::kOtlp) read = read_otlp(receiver);
  if (!read) return read.error();
  return receiver;
}

}  // namespace phork::tracing
