// SPDX-License-Identifier: MIT
//
// Makes sandboxes as wished, as far as the machine allows, and tells once for each wish what it
// does not allow and why. Looks at the machine only when there is a wish; removes then what crashed
// runs have left. Any thread. Outlives the sandboxes' making, not the sandboxes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "emulator/sandbox/cgroup_home.h"
#include "emulator/sandbox/sandbox.h"

namespace phork::emulator {

struct SandboxWishes {
  bool cpu = false;
  bool memory = false;
  bool freezing = false;

  bool any() const { return cpu || memory || freezing; }
};

class Sandboxes {
 public:
  // Takes one line for the log.
  using Tell = std::function<void(std::string_view)>;

  explicit Sandboxes(Tell tell) : tell_(std::move(tell)) {}

  // In groups other than those that this process is in.
  Sandboxes(CgroupLayout layout, Tell tell) : layout_(std::move(layout)), tell_(std::move(tell)) {}

  // Never null; without any group when there is no wish or none can be had.
  std::unique_ptr<Sandbox> make(unsigned memory_mb, const SandboxWishes& wishes);

 private:
  void settle();
  void note(std::string_view wish, const base::Status& outcome);

  const std::optional<CgroupLayout> layout_;
  const Tell tell_;
  std::mutex mutex_;  // guards what follows
  std::optional<CgroupHome> home_;
  std::set<std::string, std::less<>> told_;
};

}  // namespace phork::emulator
