// SPDX-License-Identifier: MIT
#include "bench/figures/markup.h"

#include <algorithm>
#include <cmath>

#include "bench/figures/append_format.h"

namespace phork::bench {

std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '"') {
      escaped += "&quot;";
    } else if (c == '\'') {
      escaped += "&#39;";
    } else if (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t') {
      escaped += '?';
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string fill(std::string_view template_text,
                 const std::vector<std::pair<std::string_view, std::string>>& values) {
  constexpr std::string_view kOpen = "{{";
  constexpr std::string_view kClose = "}}";
  std::string out;
  while (true) {
    const std::size_t open = template_text.find(kOpen);
    const std::size_t close = template_text.find(kClose, open);
    if (open == std::string_view::npos || close == std::string_view::npos) break;
    const std::string_view name =
        template_text.substr(open + kOpen.size(), close - open - kOpen.size());
    const auto found =
        std::ranges::find_if(values, [name](const auto& value) { return value.first == name; });
    out += template_text.substr(0, open);
    out += found == values.end() ? template_text.substr(open, close + kClose.size() - open)
                                 : std::string_view(found->second);
    template_text.remove_prefix(close + kClose.size());
  }
  return out.append(template_text);
}

std::string open_figure(std::string_view id, std::string_view classes, std::string_view title,
                        std::string_view about) {
  const std::string name = escape(id);
  std::string out = "<figure id=\"" + name + "\" class=\"";
  out.append(classes).append("\" aria-labelledby=\"" + name + "-title\">\n<h2 id=\"" + name);
  out.append("-title\">" + escape(title) + "</h2>\n<p class=\"about\">" + escape(about));
  return out.append("</p>\n");
}

std::string close_figure(std::string_view behind) {
  std::string out;
  if (!behind.empty()) {
    out.append("<details><summary>Figures</summary>\n").append(behind).append("</details>\n");
  }
  return out.append("</figure>\n");
}

std::string short_number(double value) {
  const double size = std::abs(value);
  std::string text;
  if (size == 0 || !std::isfinite(value)) return "0";
  if (size < 0.01) {
    append_format(text, "%.2g", value);
  } else if (size < 0.9995) {
    append_format(text, "%.3f", value);
  } else if (size < 9.995) {
    append_format(text, "%.2f", value);
  } else if (size < 99.95) {
    append_format(text, "%.1f", value);
  } else {
    return grouped(value);
  }
  return text;
}

std::string round_number(double value) {
  constexpr double kThousand = 1000;
  if (std::abs(value) >= kThousand) return grouped(value);
  std::string text;
  append_format(text, "%.6g", value);
  return text;
}

std::string duration_text(double microseconds) {
  constexpr double kSecond = 1e6;
  if (microseconds >= kSecond) return short_number(microseconds / kSecond) + " s";
  return short_number(microseconds / 1000) + " ms";
}

std::string grouped(double value) {
  std::string text;
  append_format(text, "%.0f", std::abs(value));
  constexpr std::size_t kGroup = 3;
  for (std::size_t at = text.size(); at > kGroup;) {
    at -= kGroup;
    text.insert(at, 1, ',');
  }
  return value < 0 && text != "0" ? "-" + text : text;
}

}  // namespace phork::bench
