// SPDX-License-Identifier: MIT
//
// What a zygote does last before it forks, and what a child does first: together they make a copy
// of a process as good as a process of its own. docs/zygote.md tells users of it.
//
// One object for the life of the zygote. What it finds wrong is either mended and logged, or a
// Failure with which the boot ends. PHP's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "php-worker/sapi/application.h"
#include "php-worker/sapi/zygote/descriptor_renewal.h"
#include "php-worker/sapi/zygote/destructor_marks.h"
#include "php-worker/sapi/zygote/seal_checks.h"
#include "runtime/base/fd_policy.h"

namespace phork::sapi {

class Seal {
 public:
  // Before PHP starts: descriptors that are open by then are the process's own, not the
  // application's.
  explicit Seal(base::FdPolicy policy);

  // In the zygote, when boot and rehearsal are over: user hooks, then cycles collected until none
  // are left (a child that inherited them would collect them itself, and copy every page it looks
  // at), output and stdio flushed, what must not be shared found out and what children need not
  // touch marked. Last comes `arrange`, which returns what it did to the memory, in words. Logs one
  // line about it all.
  std::optional<event::Failure> close(Application& application, std::uint32_t generation,
                                      const std::function<std::string()>& arrange);

  // In a child, before it says ready: its own randomness and descriptors, then user hooks. A value
  // says why it cannot serve its event.
  std::optional<event::Failure> prepare_child(Application& application) const;

 private:
  struct Findings;

  std::optional<event::Failure> audit();
  void audit_descriptors(Findings& findings);
  void log_summary(std::uint32_t generation, int cycles, ObjectCounts objects,
                   const std::string& arrangement, std::int64_t took_ms) const;

  const base::FdPolicy policy_;
  const std::vector<int> own_descriptors_;
  DescriptorRenewal renewal_;
  std::size_t hung_up_ = 0;
  ChildSignal child_signal_;
};

}  // namespace phork::sapi
