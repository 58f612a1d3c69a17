// SPDX-License-Identifier: MIT
#include "emulator/environments/usage_sampler.h"

namespace phork::emulator {

using namespace std::chrono_literals;

void UsageSampler::restart() {
  due_ = Clock::time_point::max();
  minor_faults_.reset();
}

void UsageSampler::sample(const RuntimeProcess& process, std::size_t served) {
  due_ = Clock::now() + 1s;
  if (minor_faults_ && served == served_) return;
  const TreeUsage usage = process.measure();
  journal_.add_memory(usage.pss_kb);
  // The sum shrinks when a process ends that nobody in the tree reaps.
  if (minor_faults_ && usage.minor_faults >= *minor_faults_) {
    statistics_.add_tree_faults(usage.minor_faults - *minor_faults_, served - served_);
  }
  minor_faults_ = usage.minor_faults;
  served_ = served;
}

}  // namespace phork::emulator
