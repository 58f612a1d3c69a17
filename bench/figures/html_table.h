// SPDX-License-Identifier: MIT
//
// A table of a page. The first cell of each row names it. Cells are text, not markup. Pure.
#pragma once

#include <string>
#include <vector>

namespace phork::bench {

struct HtmlTable {
  struct Cell {
    std::string text;
    std::string quiet{};  // beside it, smaller: an interval, a unit
    bool best = false;    // of its column
  };

  struct Row {
    std::vector<Cell> cells;
    bool chosen = false;
  };

  std::string caption;
  std::vector<std::string> columns;
  std::vector<Row> rows;
};

std::string to_html(const HtmlTable& table);

}  // namespace phork::bench
