// SPDX-License-Identifier: MIT
#include "audit/report_table.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "audit/text_layout.h"

namespace phork::audit {
namespace {

constexpr std::string_view kIndent = "  ";
constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kYellow = "\033[33m";
constexpr std::string_view kPlain = "\033[0m";
constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 10;  // "untested" and a gap

using Columns = std::vector<const StrategyReport*>;

struct Layout {
  std::size_t name_width = 0;
  bool colours = false;
};

// The word of the verdict, padded to `width` columns, which do not count the colour.
std::string cell(Verdict verdict, std::size_t width, const Layout& layout) {
  std::string text = pad(table_word(verdict), width);
  const bool red = verdict == Verdict::kLeak;
  const bool yellow = verdict == Verdict::kFailed || verdict == Verdict::kUntested;
  if (!layout.colours || (!red && !yellow)) return text;
  return std::string(red ? kRed : kYellow).append(text).append(kPlain);
}

std::size_t column_width(const StrategyReport& column) {
  return std::max(kNarrowest, column.strategy.name.size() + kGap);
}

const KindFinding* find_kind(const StrategyReport& column, const std::string& name) {
  for (const KindFinding& entry : column.probe.kinds) {
    if (entry.kind.name == name) return &entry;
  }
  return nullptr;
}

// Every kind of any column, grouped, in the order of first appearance.
std::vector<Kind> rows_of(const Columns& columns) {
  std::vector<Kind> rows;
  for (const StrategyReport* column : columns) {
    for (const KindFinding& entry : column->probe.kinds) {
      if (std::ranges::count(rows, entry.kind.name, &Kind::name) == 0) rows.push_back(entry.kind);
    }
  }
  std::vector<std::string> groups;
  for (const Kind& row : rows) {
    if (std::ranges::count(groups, row.group) == 0) groups.push_back(row.group);
  }
  const auto rank = [&](const Kind& row) { return std::ranges::find(groups, row.group); };
  std::ranges::stable_sort(rows, {}, rank);
  return rows;
}

// The names of kinds get the part of the line that the columns leave.
Layout make_layout(const Columns& columns, const std::vector<Kind>& rows, bool colours) {
  std::size_t longest = 0;
  for (const Kind& row : rows) longest = std::max(longest, row.name.size());
  std::size_t used = kIndent.size();
  for (const StrategyReport* column : columns) used += column_width(*column);
  const std::size_t left = kLineWidth - std::min(used, kLineWidth - kNarrowest);
  return {std::min(longest + kGap, left), colours};
}

std::string line(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text += '\n';
}

std::string head(const Columns& columns, const Layout& layout) {
  std::string text(kIndent.size() + layout.name_width, ' ');
  for (const StrategyReport* column : columns) {
    text += pad(column->strategy.name, column_width(*column));
  }
  return line(std::move(text));
}

std::string row_text(const Columns& columns, const Kind& row, const Layout& layout) {
  std::string text = std::string(kIndent) + pad(row.name, layout.name_width);
  for (const StrategyReport* column : columns) {
    const KindFinding* const found = find_kind(*column, row.name);
    const Verdict verdict = found == nullptr ? Verdict::kUnavailable : found->finding.verdict;
    text += cell(verdict, column_width(*column), layout);
  }
  if (columns.size() == 1) {
    const std::size_t used = kIndent.size() + layout.name_width + column_width(*columns.front());
    text += shorten(row.title, kLineWidth - std::min(used, kLineWidth));
  }
  return line(std::move(text));
}

}  // namespace

std::string table(const AuditReport& report, bool colours) {
  Columns columns;
  for (const StrategyReport& strategy : report.strategies) {
    if (strategy.failure.empty()) columns.push_back(&strategy);
  }
  if (columns.empty()) return {};
  const std::vector<Kind> rows = rows_of(columns);
  const Layout layout = make_layout(columns, rows, colours);
  std::string text = head(columns, layout);
  std::string group;
  for (const Kind& row : rows) {
    if (row.group != group) text += plain(row.group) + "\n";
    group = row.group;
    text += row_text(columns, row, layout);
  }
  return text;
}

}  // namespace phork::audit
