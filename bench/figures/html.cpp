// SPDX-License-Identifier: MIT
#include "bench/figures/html.h"

#include <algorithm>
#include <cstddef>

namespace phork::bench {
namespace {

// Text for screen readers alone.
std::string unseen(std::string_view text) {
  return "<span class=\"unseen\">" + escape(text) + "</span>";
}

Breadth breadth_of(const HtmlTable& table) {
  constexpr std::size_t kNarrowColumns = 4;
  constexpr std::size_t kMediumColumns = 7;
  if (table.columns.size() <= kNarrowColumns) return Breadth::kNarrow;
  return table.columns.size() <= kMediumColumns ? Breadth::kMedium : Breadth::kBroad;
}

std::string cell_html(const HtmlTable::Cell& cell, bool names_row) {
  std::string out = names_row ? "<th scope=\"row\">" : cell.best ? "<td class=\"best\">" : "<td>";
  out += escape(cell.text);
  if (!cell.quiet.empty()) out += " <small>" + escape(cell.quiet) + "</small>";
  return out + (names_row ? "</th>" : "</td>");
}

}  // namespace

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

std::string scroll_region(std::string_view name, Breadth breadth, std::string_view content) {
  std::string out = "<div class=\"frame";
  if (breadth == Breadth::kPicture) out += " picture";
  if (breadth == Breadth::kMedium) out += " medium";
  if (breadth == Breadth::kBroad) out += " broad";
  out += "\">\n";
  out += "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"" + escape(name) + "\">";
  out.append(content).append("</div>\n");
  return out + "<p class=\"hint\" aria-hidden=\"true\">scroll sideways for more →</p></div>\n";
}

std::string to_html(const HtmlTable& table) {
  std::string out =
      "<table>\n<caption><span>" + escape(table.caption) + "</span></caption>\n<thead><tr>";
  for (const std::string& column : table.columns) {
    out += "<th scope=\"col\">" + (column.empty() ? unseen("subject") : escape(column)) + "</th>";
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const HtmlTable::Row& row : table.rows) {
    out += row.chosen ? "<tr class=\"chosen\">" : "<tr>";
    for (std::size_t i = 0; i < row.cells.size(); ++i) out += cell_html(row.cells[i], i == 0);
    out += "</tr>\n";
  }
  return scroll_region(table.caption, breadth_of(table), out + "</tbody></table>");
}

std::string open_figure(std::string_view id, std::string_view classes, std::string_view title,
                        std::string_view about) {
  const std::string name = escape(id);
  std::string out = "<figure id=\"" + name + "\" class=\"";
  out.append(classes).append("\" aria-labelledby=\"" + name + "-title\">\n<h2 id=\"" + name);
  out.append("-title\">" + escape(title) + "</h2>\n<p class=\"about\">" + escape(about));
  return out.append("</p>\n");
}

std::string close_figure(std::string_view title, std::string_view details) {
  std::string out;
  if (!details.empty()) {
    out += "<details><summary>Figures" + unseen(": " + std::string(title)) + "</summary>\n";
    out.append(details).append("</details>\n");
  }
  return out.append("</figure>\n");
}

}  // namespace phork::bench
