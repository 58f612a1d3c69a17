// SPDX-License-Identifier: MIT
#include "runtime/tracing/trace_context.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <sys/random.h>

#include "runtime/base/text.h"

namespace phork::tracing {
namespace {

constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kSpanDigits = 16;

bool is_id(std::string_view text, std::size_t digits) {
  const bool in_form = text.size() == digits && std::ranges::all_of(text, [](char c) {
                         return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                       });
  // All zeros mean that there is none.
  return in_form && text.find_first_not_of('0') != std::string_view::npos;
}

// Takes what stands before the next `separator`, which goes too.
std::string_view take_part(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::optional<TraceContext> read_xray(std::string_view header) {
  TraceContext context;
  while (!header.empty()) {
    const std::string_view field = base::trim(take_part(header, ';'));
    if (field.starts_with("Root=1-")) {
      std::string_view root = field.substr(7);
      context.trace_id = take_part(root, '-');
      context.trace_id += root;
    } else if (field.starts_with("Parent=")) {
      context.parent_id = field.substr(7);
    } else if (field.starts_with("Sampled=")) {
      context.sampled = field == "Sampled=1";
    }
  }
  return context;
}

std::optional<TraceContext> read_w3c(std::string_view header) {
  const std::string_view version = take_part(header, '-');
  TraceContext context;
  context.trace_id = take_part(header, '-');
  context.parent_id = take_part(header, '-');
  const std::string_view flag_digits = header.substr(0, header.find('-'));
  const auto flags = base::parse_number<unsigned>(flag_digits, 16);
  if (version.size() != 2 || version == "ff" || flag_digits.size() != 2 || !flags) {
    return std::nullopt;
  }
  // Later versions may have more parts.
  if (version == "00" && header.size() != flag_digits.size()) return std::nullopt;
  context.sampled = (*flags & 1U) != 0;
  return context;
}

}  // namespace

std::string TraceContext::xray_trace_id() const {
  return "1-" + trace_id.substr(0, 8) + "-" + trace_id.substr(8);
}

std::optional<TraceContext> read_context(std::string_view header) {
  auto context = header.find('=') == std::string_view::npos ? read_w3c(header) : read_xray(header);
  if (!context || !is_id(context->trace_id, kTraceDigits)) return std::nullopt;
  if (!is_id(context->parent_id, kSpanDigits)) return std::nullopt;
  return context;
}

std::string make_span_id() {
  std::uint64_t number = 0;
  while (number == 0) {
    if (::getrandom(&number, sizeof number, 0) != sizeof number) continue;
  }
  std::array<char, kSpanDigits + 1> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
  return text.data();
}

}  // namespace phork::tracing
