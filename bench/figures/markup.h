// SPDX-License-Identifier: MIT
//
// Text for HTML and SVG, and the numbers in it as people read them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace phork::bench {

// Safe between tags and inside quoted attributes. What is no printable character of UTF-8 text
// becomes '?', as XML cannot hold it.
std::string escape(std::string_view text);

// `template_text` with each {{name}} replaced; values are markup already. A name without a value
// stays as it is, and is so seen by the tests.
std::string fill(std::string_view template_text,
                 const std::vector<std::pair<std::string_view, std::string>>& values);

// The beginning of a figure of a page, with its heading and what it is about, and the end of one,
// with the table behind it where there is one (markup). `id` names it in the page.
std::string open_figure(std::string_view id, std::string_view classes, std::string_view title,
                        std::string_view about);
std::string close_figure(std::string_view behind);

// With three significant digits, and none behind the point that says nothing: 0.408, 1.72, 110.
std::string short_number(double value);

// As marks on an axis and shares are written, which are round: 0.5, 20, 1,000.
std::string round_number(double value);

// Microseconds as "0.408 ms", "1.72 ms", "2.05 s".
std::string duration_text(double microseconds);

// 12345.6 -> "12,346"
std::string grouped(double value);

}  // namespace phork::bench
