// SPDX-License-Identifier: MIT
#include "emulator/assets/media_type.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "runtime/base/text.h"

namespace phork::emulator {
namespace {

using Type = std::pair<std::string_view, std::string_view>;

// A table of our own: cpp-httplib 0.11 knows half of these types and hides its table, and the
// machine of a developer need not have an /etc/mime.types.
constexpr std::array kTypes = {
    Type{"avif", "image/avif"},
    Type{"bmp", "image/bmp"},
    Type{"css", "text/css; charset=utf-8"},
    Type{"csv", "text/csv; charset=utf-8"},
    Type{"eot", "application/vnd.ms-fontobject"},
    Type{"flac", "audio/flac"},
    Type{"gif", "image/gif"},
    Type{"gz", "application/gzip"},
    Type{"htm", "text/html; charset=utf-8"},
    Type{"html", "text/html; charset=utf-8"},
    Type{"ico", "image/vnd.microsoft.icon"},
    Type{"jpeg", "image/jpeg"},
    Type{"jpg", "image/jpeg"},
    Type{"js", "text/javascript; charset=utf-8"},
    Type{"json", "application/json"},
    Type{"m4a", "audio/mp4"},
    Type{"m4v", "video/mp4"},
    Type{"map", "application/json"},
    Type{"mjs", "text/javascript; charset=utf-8"},
    Type{"mov", "video/quicktime"},
    Type{"mp3", "audio/mpeg"},
    Type{"mp4", "video/mp4"},
    Type{"oga", "audio/ogg"},
    Type{"ogg", "audio/ogg"},
    Type{"ogv", "video/ogg"},
    Type{"otf", "font/otf"},
    Type{"pdf", "application/pdf"},
    Type{"png", "image/png"},
    Type{"rss", "application/rss+xml"},
    Type{"svg", "image/svg+xml"},
    Type{"ttf", "font/ttf"},
    Type{"txt", "text/plain; charset=utf-8"},
    Type{"wasm", "application/wasm"},
    Type{"wav", "audio/wav"},
    Type{"webm", "video/webm"},
    Type{"webmanifest", "application/manifest+json"},
    Type{"webp", "image/webp"},
    Type{"woff", "font/woff"},
    Type{"woff2", "font/woff2"},
    Type{"xhtml", "application/xhtml+xml"},
    Type{"xml", "application/xml"},
    Type{"zip", "application/zip"},
};
static_assert(std::ranges::is_sorted(kTypes, {}, &Type::first));

// Debian's php-fpm and Apache's module run or show these, and PHP files that others include.
constexpr std::array<std::string_view, 6> kPhp = {"inc", "phar", "php", "phps", "phpt", "phtml"};

// The name behind its last dot, in lower case; "" without one.
std::string extension_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? "" : base::lower_case(name.substr(dot + 1));
}

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

}  // namespace

std::string_view media_type_of(std::string_view name) {
  const std::string extension = extension_of(name);
  const auto found =
      std::ranges::lower_bound(kTypes, std::string_view(extension), {}, &Type::first);
  return found != kTypes.end() && found->first == extension ? found->second : std::string_view();
}

bool is_php_name(std::string_view name) {
  std::string extension = extension_of(name);
  while (!extension.empty() && is_digit(extension.back())) extension.pop_back();  // php8
  return std::ranges::find(kPhp, extension) != kPhp.end();
}

}  // namespace phork::emulator
