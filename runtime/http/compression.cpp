// SPDX-License-Identifier: MIT
#include "runtime/http/compression.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <zlib.h>

#include "runtime/base/text.h"

namespace phork::http {
namespace {

// Half of the time of zlib's default, for some percent more bytes (docs/http.md).
constexpr int kLevel = 4;

// An element of Accept-Encoding without its parameters, and its weight; 1 without one.
struct Element {
  std::string_view name;
  double weight = 1;
};

Element read_element(std::string_view text) {
  const std::size_t end = std::min(text.find(';'), text.size());
  Element element{base::trim(text.substr(0, end), base::kHttpBlanks)};
  std::string_view rest = text.substr(end);
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t next = std::min(rest.find(';'), rest.size());
    const std::string_view parameter = base::trim(rest.substr(0, next), base::kHttpBlanks);
    rest.remove_prefix(next);
    if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
      // A weight that is none counts as refusal: the client gets what anybody can read.
      element.weight = base::parse_number<double>(parameter.substr(2)).value_or(0);
    }
  }
  return element;
}

template <typename Visit>
void for_each_element(std::string_view list, const Visit& visit) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    visit(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

bool has_element(std::string_view list, std::string_view name) {
  bool found = false;
  for_each_element(list, [&](std::string_view element) {
    found = found || base::equal_in_any_case(base::trim(element, base::kHttpBlanks), name);
  });
  return found;
}

event::NameValue* find_header(Response& response, std::string_view lower_name) {
  const auto found = std::ranges::find_if(response.headers, [&](const event::NameValue& header) {
    return base::equal_in_any_case(header.name, lower_name);
  });
  return found == response.headers.end() ? nullptr : &*found;
}

void drop_header(Response& response, std::string_view lower_name) {
  std::erase_if(response.headers, [&](const event::NameValue& header) {
    return base::equal_in_any_case(header.name, lower_name);
  });
}

bool shrinks(std::string_view content_type) {
  constexpr std::array<std::string_view, 7> kTypes{"application/json",
                                                   "application/xml",
                                                   "application/javascript",
                                                   "application/x-javascript",
                                                   "application/wasm",
                                                   "application/vnd.ms-fontobject",
                                                   "font/ttf"};
  const std::string type =
      base::lower_case(base::trim(content_type.substr(0, content_type.find(';'))));
  // Events are to arrive one by one.
  if (type == "text/event-stream") return false;
  return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
         std::ranges::find(kTypes, type) != kTypes.end();
}

// True if the client may know the body: the answer to HEAD, or one that says that it is still good.
bool stands_for_a_body(const Response& response) {
  return response.body.empty() && (response.status == 200 || response.status == 304);
}

// True if the response may be compressed for a client that takes it.
bool is_suitable(Response& response) {
  if (response.body.size() < kLeastCompressed && !stands_for_a_body(response)) return false;
  // 206 and 416 speak of bytes of the body as it is.
  if (response.status < 200 || response.status == 204 || response.status == 206) return false;
  for (const char* name : {"content-encoding", "content-range", "content-digest", "content-md5"}) {
    if (find_header(response, name) != nullptr) return false;
  }
  for (const event::NameValue& header : response.headers) {
    if (base::equal_in_any_case(header.name, "cache-control") &&
        has_element(header.value, "no-transform")) {
      return false;
    }
  }
  const event::NameValue* const type = find_header(response, "content-type");
  // One of 304 has no type as a rule: https://www.rfc-editor.org/rfc/rfc9110#section-15.4.5
  return type == nullptr ? response.status == 304 : shrinks(type->value);
}

void vary_by_encoding(Response& response) {
  for (const event::NameValue& header : response.headers) {
    if (!base::equal_in_any_case(header.name, "vary")) continue;
    if (has_element(header.value, "accept-encoding") || has_element(header.value, "*")) return;
  }
  if (event::NameValue* const vary = find_header(response, "vary"); vary != nullptr) {
    vary->value += ", Accept-Encoding";
  } else {
    response.headers.push_back({"Vary", "Accept-Encoding"});
  }
}

// Nothing when it would not be shorter, or zlib has no memory.
std::optional<std::string> gzip(std::string_view body) {
  constexpr int kGzipWindow = 15 + 16;
  constexpr int kMemoryLevel = 8;
  z_stream stream{};
  if (::deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    return std::nullopt;
  }
  std::string out(body.size(), '\0');
  // zlib only reads through it, whatever its type says.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = ::deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  if (code != Z_STREAM_END) return std::nullopt;
  return out;
}

}  // namespace

bool takes_gzip(std::string_view accept_encoding) {
  std::optional<double> gzip_weight;
  double any_weight = 0;
  for_each_element(accept_encoding, [&](std::string_view text) {
    const Element element = read_element(text);
    if (base::equal_in_any_case(element.name, "gzip") ||
        base::equal_in_any_case(element.name, "x-gzip")) {
      gzip_weight = std::max(gzip_weight.value_or(0), element.weight);
    } else if (element.name == "*") {
      any_weight = element.weight;
    }
  });
  return gzip_weight.value_or(any_weight) > 0;
}

void compress(Response& response, std::string_view accept_encoding, std::string& storage) {
  if (!is_suitable(response)) return;
  vary_by_encoding(response);
  if (response.body.empty() || !takes_gzip(accept_encoding)) return;
  std::optional<std::string> body = gzip(response.body);
  if (!body) return;
  storage = std::move(*body);
  response.body = storage;
  response.headers.push_back({"Content-Encoding", "gzip"});
  drop_header(response, "content-length");
  // A part of the compressed bytes is of no use to a client that has the others.
  drop_header(response, "accept-ranges");
  if (event::NameValue* const tag = find_header(response, "etag");
      tag != nullptr && tag->value.starts_with('"')) {
    tag->value.insert(0, "W/");
  }
}

}  // namespace phork::http
