// SPDX-License-Identifier: MIT
#include "bench/report/function_report.h"

#include <algorithm>

namespace phork::bench {

std::vector<const SubjectReport*> FunctionReport::measured() const {
  std::vector<const SubjectReport*> all;
  for (const SubjectReport& subject : subjects) {
    if (subject.measured()) all.push_back(&subject);
  }
  return all;
}

const MillionEvents* FunctionReport::price_of(const std::string& label) const {
  const auto row = std::ranges::find(cost.rows, label, &CostRow::label);
  if (row == cost.rows.end()) return nullptr;
  const auto size = std::ranges::find(row->sizes, memory_mb, &MillionEvents::memory_mb);
  return size == row->sizes.end() || size->too_small ? nullptr : &*size;
}

std::string FunctionReport::title() const {
  const std::size_t slash = task_root.rfind('/');
  return slash == std::string::npos ? task_root : task_root.substr(slash + 1);
}

}  // namespace phork::bench
