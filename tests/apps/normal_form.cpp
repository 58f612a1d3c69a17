// SPDX-License-Identifier: MIT
#include "tests/apps/normal_form.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <regex>
#include <string_view>

#include "runtime/base/text.h"

namespace phork::apps {
namespace {

constexpr std::size_t kShownBefore = 120;
constexpr std::size_t kShownBytes = 300;

// Each server writes its own.
constexpr std::array<std::string_view, 6> kHopHeaders{
    "connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"};

std::string text_of(const emulator::HttpReply& reply) {
  std::vector<std::string> lines;
  for (const event::NameValue& header : reply.headers) {
    const std::string name = base::lower_case(header.name);
    if (std::ranges::find(kHopHeaders, name) != kHopHeaders.end()) continue;
    lines.push_back(name + ": " + header.value + "\n");
  }
  std::ranges::stable_sort(lines, {},
                           [](const std::string& line) { return line.substr(0, line.find(':')); });
  std::string text = std::to_string(reply.status) + "\n";
  for (const std::string& line : lines) text.append(line);
  return text.append("\n").append(reply.body);
}

// The days that a run of the tests may touch, as strftime writes them.
std::string today(const std::string& format) {
  std::string pattern;
  for (const auto day : {std::chrono::hours(0), std::chrono::hours(24)}) {
    const auto time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + day);
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 64> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), format.c_str(), &parts);
    pattern.append(pattern.empty() ? "(?:" : "|").append(text.data(), size);
  }
  return pattern.append(")");
}

std::string today_with_time() {
  const std::string clock = R"((?:\d\d(?::\d\d, |%3A\d\d%2C\+))?)";
  std::string pattern = today("%a, %d %b %Y") + R"( \d\d:\d\d:\d\d (?:GMT|\+0000))";
  pattern.append("|").append(today(R"(%Y\\?/%m\\?/%d)")).append(R"( \d\d:\d\d)");
  pattern.append("|").append(today("%Y-%m-%d")).append(R"(T\d\d:\d\d:\d\d(?:Z|\+00:00|))");
  pattern.append("|").append(today("%Y%m%d")).append(R"(\d{6})");
  for (const char* format : {"%-d[ +]%B[ +]%Y", "%B %-d, %Y", "%Y %B %-d"}) {
    pattern.append("|").append(clock).append(today(format)).append(R"((?:, at \d\d:\d\d)?)");
  }
  return pattern;
}

// Ten digits, the last four of which span three hours.
std::string seconds_about_now() {
  const std::time_t begin = std::time(nullptr) / 10'000;
  return R"(\b(?:)" + std::to_string(begin) + "|" + std::to_string(begin + 1) + R"()\d{4}\b)";
}

}  // namespace

const std::vector<Mask>& masks() {
  static const std::vector<Mask> all{
      {"values of session cookies and login cookies", "random",
       R"((set-cookie: (?:DokuWiki|DW[0-9a-f]{32}|wiki_session|wikiToken)=)(?!deleted)[^;\n]+)",
       "$1*"},
      {"`sectok` of DokuWiki", "made from the session's id",
       R"re((sectok(?:=|" value="|":"))[0-9a-f]{32})re", "$1*"},
      {"the API token in DokuWiki's profile", "signs the second in which it was made",
       R"re((break-word">)[\w/+=-]+\.[\w/+=-]+\.[\w/+=-]+)re", "$1*"},
      {"today's date, with the time of day or without, in the formats that the applications write",
       "the clock", today_with_time(), "(date)"},
      {"a time of day that stands alone between tags or blanks, an age in seconds", "the clock",
       R"((>|&gt;|&#160;|\xC2\xA0)(?:\d\d:\d\d|\d+ seconds ago)(<|&lt;|&#160;|\xC2\xA0))",
       "$1(time)$2"},
      {"`wpServerTime` of MediaWiki's preferences", "the clock",
       R"re((?:\d\d:\d\d(&lt;input type=\\"hidden\\" ))?value=\\?"\d+\\?" name=\\?"wpServerTime)re",
       "$1wpServerTime"},
      {"the date at which a cookie ends, where `Max-Age` stands beside it", "the clock",
       R"((set-cookie: [^\n]*expires=)[^;\n]+(?=; Max-Age=[1-9]))", "$1(date)"},
      {"seconds since 1970 that are about now", "the clock", seconds_about_now(), "(seconds)"},
      {"`ETag` of DokuWiki for a file it has written today", "made from the file's time",
       R"re(etag: "[0-9a-f]{32}"(?=\n(?:[^\n]+\n)*last-modified: \(date\)))re", "etag: (of date)"},
      {"`Content-Type` of a 304", "docs/http.md", R"(^304\n((?:[^\n]+\n)*?)content-type: [^\n]+\n)",
       "304\n$1"},
      {"`X-Request-Id` and `wgRequestId` of MediaWiki", "random",
       R"re((x-request-id: |"wgRequestId":")[0-9a-f]{24})re", "$1*"},
      {"tokens of MediaWiki", "made from a random value in the session",
       R"([0-9a-f]{40,}(\+\\|%2B%5C))", "*$1"},
      {"`wgBackendResponseTime` of MediaWiki", "the clock", R"re(("wgBackendResponseTime":)\d+)re",
       "$1*"},
      {"times that MediaWiki's parser took", "the clock",
       R"re(("(?:cputime|walltime)":"|(?:CPU|Real) time usage: )[\d.]+|)re"
       R"re(("timingprofile":\[)[^\]]*|(<td>)[\d.]+(?= seconds))re",
       "$1$2$3*"},
  };
  return all;
}

std::string normal_form(const emulator::HttpReply& reply) {
  static const std::vector<std::regex> patterns = [] {
    std::vector<std::regex> compiled;
    for (const Mask& mask : masks()) compiled.emplace_back(mask.pattern, std::regex::optimize);
    return compiled;
  }();
  std::string text = text_of(reply);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    text = std::regex_replace(text, patterns[i], masks()[i].replacement);
  }
  return text;
}

std::string difference(const std::string& ours, const std::string& reference) {
  if (ours == reference) return "";
  const auto limit = static_cast<std::ptrdiff_t>(std::min(ours.size(), reference.size()));
  const auto at = static_cast<std::size_t>(
      std::mismatch(ours.begin(), ours.begin() + limit, reference.begin()).first - ours.begin());
  const std::size_t begin = at < kShownBefore ? 0 : at - kShownBefore;
  return "from byte " + std::to_string(begin) + " on\n  phork:   '" +
         ours.substr(begin, kShownBytes) + "'\n  php-fpm: '" +
         reference.substr(begin, kShownBytes) + "'\n";
}

}  // namespace phork::apps
