// SPDX-License-Identifier: MIT
//
// HTML of the report: escaped text, templates, and the frames of figures and tables. Functions take
// text and return markup, unless a parameter says that it is markup already. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace phork::bench {

// Safe between tags and inside quoted attributes. Control characters become '?', as XML cannot
// hold them.
std::string escape(std::string_view text);

// `template_text` with each {{name}} replaced by its value, which is markup. A name without a value
// stays as it is, which the tests notice.
std::string fill(std::string_view template_text,
                 const std::vector<std::pair<std::string_view, std::string>>& values);

// The content of a region: a line figure, or a table of up to 4, up to 7 or more columns. The style
// has the width of each below which it shows the hint.
enum class Breadth { kPicture, kNarrow, kMedium, kBroad };

// `content` (markup) in a region that scrolls sideways where the page is too narrow for it. The
// keyboard reaches the region by its name; the style shows the hint that there is more.
std::string scroll_region(std::string_view name, Breadth breadth, std::string_view content);

// The first cell of each row names the row. Cells are text.
struct HtmlTable {
  struct Cell {
    std::string text;
    std::string quiet{};  // smaller, beside the text: an interval, a unit
    bool best = false;    // of its column
  };

  struct Row {
    std::vector<Cell> cells;
    bool chosen = false;  // the recommended one
  };

  std::string caption;               // unique in the page: names the table's region
  std::vector<std::string> columns;  // "" heads the column of names
  std::vector<Row> rows;
};

std::string to_html(const HtmlTable& table);

// The beginning and the end of a figure. `id` is unique in the page. `details` is the markup of a
// table with the figure's values, shown on request; "" for none.
std::string open_figure(std::string_view id, std::string_view classes, std::string_view title,
                        std::string_view about);
std::string close_figure(std::string_view title, std::string_view details);

}  // namespace phork::bench
