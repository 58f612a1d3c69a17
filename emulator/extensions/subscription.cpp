// SPDX-License-Identifier: MIT
#include "emulator/extensions/subscription.h"

#include <algorithm>
#include <optional>

#include <simdjson.h>

#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;
using simdjson::dom::element;

Error wrong(const std::string& what) {
  return {ErrorKind::kInvalid, "ValidationError: expected " + what};
}

Status read_types(const element& body, Subscription& subscription) {
  const Error expected = wrong("types, a list of platform, function and extension");
  simdjson::dom::array types;
  if (body["types"].get(types) != simdjson::SUCCESS) return expected;
  for (const element type : types) {
    std::string_view word;
    if (type.get(word) != simdjson::SUCCESS) return expected;
    const auto* const found = std::ranges::find(kRecordTypes, word);
    if (found == kRecordTypes.end()) return expected;
    subscription.wanted.at(static_cast<std::size_t>(found - kRecordTypes.begin())) = true;
  }
  return types.size() > 0 ? base::ok_status() : expected;
}

struct Range {
  const char* name;
  std::uint64_t least;
  std::uint64_t most;
};

// A number of `buffering`; `value` stays as it is when it is absent.
Status read_number(const element& buffering, const Range& range, std::uint64_t& value) {
  element found;
  if (buffering[range.name].get(found) != simdjson::SUCCESS) return base::ok_status();
  std::uint64_t number = 0;
  if (found.get(number) == simdjson::SUCCESS && number >= range.least && number <= range.most) {
    value = number;
    return base::ok_status();
  }
  return wrong(std::string("buffering.") + range.name + " from " + std::to_string(range.least) +
               " to " + std::to_string(range.most));
}

Status read_buffering(const element& body, Subscription& subscription) {
  element buffering;
  if (body["buffering"].get(buffering) != simdjson::SUCCESS) return base::ok_status();
  std::uint64_t timeout = 1000;
  if (Status read = read_number(buffering, {"maxItems", 1000, 10'000}, subscription.max_items);
      !read) {
    return read;
  }
  if (Status read =
          read_number(buffering, {"maxBytes", 262'144, 1'048'576}, subscription.max_bytes);
      !read) {
    return read;
  }
  if (Status read = read_number(buffering, {"timeoutMs", 25, 30'000}, timeout); !read) return read;
  subscription.timeout = std::chrono::milliseconds(timeout);
  return base::ok_status();
}

// Lambda knows the extension's own machine by the first of these names only.
constexpr std::array<std::string_view, 4> kHosts = {"sandbox.localdomain", "sandbox", "localhost",
                                                    "127.0.0.1"};

Status read_destination(const element& body, Subscription& subscription) {
  const Error expected =
      wrong("destination, with protocol HTTP and URI http://sandbox.localdomain:PORT/PATH");
  std::string_view protocol;
  std::string_view uri;
  if (body["destination"]["protocol"].get(protocol) != simdjson::SUCCESS || protocol != "HTTP" ||
      body["destination"]["URI"].get(uri) != simdjson::SUCCESS) {
    return expected;
  }
  constexpr std::string_view kScheme = "http://";
  if (!uri.starts_with(kScheme)) return expected;
  uri.remove_prefix(kScheme.size());
  const std::size_t slash = std::min(uri.find('/'), uri.size());
  const std::string_view authority = uri.substr(0, slash);
  if (slash < uri.size()) subscription.path = uri.substr(slash);
  const std::size_t colon = std::min(authority.find(':'), authority.size());
  if (std::ranges::find(kHosts, authority.substr(0, colon)) == kHosts.end()) return expected;
  const bool plain_path =
      std::ranges::all_of(subscription.path, [](char byte) { return byte > ' ' && byte < '\x7f'; });
  subscription.port = 80;
  if (colon < authority.size()) {
    subscription.port = base::parse_number<std::uint16_t>(authority.substr(colon + 1)).value_or(0);
  }
  return subscription.port != 0 && plain_path ? base::ok_status() : expected;
}

}  // namespace

std::vector<std::string> Subscription::types() const {
  std::vector<std::string> names;
  for (std::size_t type = 0; type < kRecordTypes.size(); ++type) {
    if (wanted.at(type)) names.emplace_back(kRecordTypes.at(type));
  }
  return names;
}

Result<Subscription> read_subscription(std::string_view body) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS || !root.is_object()) {
    return wrong("a JSON object");
  }
  Subscription subscription;
  for (const auto& part : {read_types, read_buffering, read_destination}) {
    if (Status read = part(root, subscription); !read) return read.error();
  }
  return subscription;
}

}  // namespace phork::emulator
