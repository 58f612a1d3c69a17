// SPDX-License-Identifier: MIT
#include "bench/figures/html_table.h"

#include <cstddef>

#include "bench/figures/markup.h"

namespace phork::bench {
namespace {

std::string cell_html(const HtmlTable::Cell& cell, bool names_row) {
  std::string out = names_row ? "<th scope=\"row\">" : cell.best ? "<td class=\"best\">" : "<td>";
  out += escape(cell.text);
  if (!cell.quiet.empty()) out += " <small>" + escape(cell.quiet) + "</small>";
  return out + (names_row ? "</th>" : "</td>");
}

}  // namespace

std::string to_html(const HtmlTable& table) {
  std::string out =
      "<div class=\"wide\"><table>\n<caption>" + escape(table.caption) + "</caption>\n<thead><tr>";
  for (const std::string& column : table.columns) {
    out += "<th scope=\"col\">" + escape(column) + "</th>";
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const HtmlTable::Row& row : table.rows) {
    out += row.chosen ? "<tr class=\"chosen\">" : "<tr>";
    for (std::size_t i = 0; i < row.cells.size(); ++i) out += cell_html(row.cells[i], i == 0);
    out += "</tr>\n";
  }
  return out += "</tbody></table></div>\n";
}

}  // namespace phork::bench
