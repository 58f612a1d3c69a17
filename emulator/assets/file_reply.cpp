// SPDX-License-Identifier: MIT
#include "emulator/assets/file_reply.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utility>

#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

constexpr const char* kDateFormat = "%a, %d %b %Y %H:%M:%S GMT";
constexpr std::string_view kBytes = "bytes=";

// No program of ours sets a locale, so the names of days and months are English.
std::string date_text(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 40> text{};
  return {text.data(), std::strftime(text.data(), text.size(), kDateFormat, &parts)};
}

// nullopt for another form than that of date_text(), which all clients since 1995 send.
std::optional<std::time_t> read_date(std::string_view text) {
  std::tm parts{};
  const std::string date(text);
  const char* const end = ::strptime(date.c_str(), kDateFormat, &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

// Strong: a file that was written again has another time, in nanoseconds, or another size.
std::string tag_of(const FileFacts& file) {
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "\"%llx-%lx-%llx\"",
                static_cast<unsigned long long>(file.modified.tv_sec),
                static_cast<unsigned long>(file.modified.tv_nsec),
                static_cast<unsigned long long>(file.size));
  return text.data();
}

// True if a list such as `"a", W/"b"` has the tag, or is "*". Weak marks do not count: a GET
// compares weakly.
bool lists_tag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view entry = base::trim(list.substr(0, comma), base::kHttpBlanks);
    list.remove_prefix(std::min(list.size(), comma + 1));
    if (entry == "*") return true;
    if (entry.starts_with("W/")) entry.remove_prefix(2);
    if (entry == tag) return true;
  }
  return false;
}

bool client_has_it(const HttpRequest& request, const FileFacts& file) {
  const std::string_view tags = request.header("if-none-match");
  if (!tags.empty()) return lists_tag(tags, tag_of(file));
  const std::optional<std::time_t> since = read_date(request.header("if-modified-since"));
  return since && file.modified.tv_sec <= *since;
}

// A range of a file that has changed would not fit to the parts that the client has.
bool wants_range(const HttpRequest& request, const FileFacts& file) {
  if (request.method != "GET" || !request.header("range").starts_with(kBytes)) return false;
  const std::string_view condition = request.header("if-range");
  return condition.empty() || condition == tag_of(file) ||
         condition == date_text(file.modified.tv_sec);
}

struct Range {
  std::uint64_t first = 0;
  std::uint64_t end = 0;  // behind the last byte; not above `first` if there is no such part
};

// "0-99", "100-", or "-100" for the last hundred; nullopt for anything else, several ranges too.
std::optional<Range> read_range(std::string_view text, std::uint64_t size) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = base::parse_number<std::uint64_t>(text.substr(0, dash));
  const auto last = base::parse_number<std::uint64_t>(text.substr(dash + 1));
  if (dash == 0 && last) return Range{size - std::min(size, *last), size};
  if (!first) return std::nullopt;
  if (text.size() == dash + 1) return Range{*first, size};
  if (!last || *last < *first) return std::nullopt;
  return Range{*first, *last < size ? *last + 1 : size};
}

void set_length(HttpReply& head, std::uint64_t length) {
  head.headers.push_back({"content-length", std::to_string(length)});
}

FileReply part_of(FileReply reply, const FileFacts& file, const Range& range) {
  const std::string size = std::to_string(file.size);
  if (range.first >= range.end) {
    reply.head = {416, {{"content-range", "bytes */" + size}}, {}};
    return reply;
  }
  reply.head.status = 206;
  reply.head.headers.push_back({"content-range", "bytes " + std::to_string(range.first) + '-' +
                                                     std::to_string(range.end - 1) + '/' + size});
  reply.offset = range.first;
  reply.length = range.end - range.first;
  set_length(reply.head, reply.length);
  return reply;
}

}  // namespace

FileReply reply_to(const HttpRequest& request, const FileFacts& file) {
  FileReply reply;
  reply.head.headers = {{"etag", tag_of(file)},
                        {"last-modified", date_text(file.modified.tv_sec)},
                        // Asked again each time, as a developer changes files.
                        {"cache-control", "no-cache"},
                        {"accept-ranges", "bytes"}};
  if (client_has_it(request, file)) {
    reply.head.status = 304;
    return reply;
  }
  reply.head.headers.push_back({"content-type", std::string(file.type)});
  if (wants_range(request, file)) {
    const auto range = read_range(request.header("range").substr(kBytes.size()), file.size);
    if (range) return part_of(std::move(reply), file, *range);
  }
  reply.length = file.size;
  set_length(reply.head, file.size);
  return reply;
}

}  // namespace phork::emulator
