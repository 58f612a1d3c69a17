// SPDX-License-Identifier: MIT
#include "emulator/runtime_api/fault_plan.h"

#include <algorithm>
#include <utility>

namespace phork::emulator {

FaultPlan::FaultPlan(std::vector<Fault> faults, LogSink& log)
    : faults_(std::move(faults)), log_(log) {
  for (std::size_t index = 0; index < faults_.size(); ++index) {
    dice_.emplace_back(static_cast<std::mt19937::result_type>(index + 1));
  }
}

bool FaultPlan::has(FaultPoint point) const {
  return std::ranges::any_of(faults_, [point](const Fault& fault) { return fault.point == point; });
}

bool FaultPlan::has(FaultPoint point, FaultAction action) const {
  return std::ranges::any_of(faults_, [point, action](const Fault& fault) {
    return fault.point == point && fault.action == action;
  });
}

std::vector<Fault> FaultPlan::take(FaultPoint point) {
  std::vector<Fault> due;
  if (!has(point)) return due;
  std::uint64_t occurrence = 0;
  {
    const std::lock_guard lock(mutex_);
    occurrence = ++occurrences_[static_cast<std::size_t>(point)];
    for (std::size_t index = 0; index < faults_.size(); ++index) {
      if (faults_[index].point == point && is_due(index, occurrence)) due.push_back(faults_[index]);
    }
  }
  for (const Fault& fault : due) {
    log_.append("fault: " + fault.spec + " injected at " + std::string(name_of(point)) + " " +
                std::to_string(occurrence));
  }
  return due;
}

// With mutex_ held.
bool FaultPlan::is_due(std::size_t index, std::uint64_t occurrence) {
  const Fault& fault = faults_[index];
  // Not by std::uniform_int_distribution, whose results differ between libraries.
  if (fault.percent > 0) return dice_[index]() % 100 < fault.percent;
  return occurrence == fault.first || (fault.and_later && occurrence > fault.first);
}

}  // namespace phork::emulator
