// SPDX-License-Identifier: MIT
//
// The lessons that a zygote learns from its children: files whose classes an event had to autoload,
// and regular expressions that it had to compile. A child reports them after its answer has left.
// Before the next fork the zygote loads the new ones, so that later children find them loaded.
//
// Nothing that an event's data can influence may reach the zygote. So a child hands over names
// only, and the zygote trusts a name only as far as it can check what the name stands for: a file
// of the deployment that declares and does nothing else, or a literal in opcache's memory
// (docs/zygote.md). Each file is first loaded in a copy of the zygote; a file that does not load
// silently is never tried again.
//
// A child that dies while it reports, or writes nonsense, loses only its own lesson.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "php-worker/sapi/learning/compiled_patterns.h"
#include "php-worker/sapi/learning/shared_strings.h"
#include "php-worker/sapi/php.h"
#include "runtime/base/pinned.h"
#include "runtime/base/settings.h"

namespace phork::sapi {

class ClassLearning : private base::Pinned {
 public:
  // Whose reports the zygote accepts. A rehearsal was asked for by name and carries no user's data,
  // so the zygote accepts all of its patterns, and files that could still change, as if the boot
  // had loaded them.
  enum class Teacher : bool { kEvents, kRehearsal };

  // In the zygote, when the application has booted.
  ClassLearning(Teacher teacher, base::Learn setting);
  ~ClassLearning();

  // True as long as there may be something to learn. The zygote and all its children see the same
  // value.
  bool active() const { return strings_.available() && !strings_.closed(); }

  // In a child, before user code runs.
  void watch();
  // In a child, when its answer has left.
  void report();

  // In the zygote, before it forks: loads what is new, in bounded time. True when something was
  // new.
  bool take_over();

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  enum Kind : std::uint8_t { kFile, kPattern };

  bool autoloaders_are_the_boots() const;
  bool may_be_loaded(const std::string& path) const;
  void try_in_copy(Deadline deadline);
  void try_files(Deadline deadline);
  void load_tried(Deadline deadline);
  bool load_file(const std::string& path) const;
  void load_pattern(const std::string& pattern);

  const Teacher teacher_;
  const base::Learn setting_;
  SharedStrings strings_;
  std::string root_;            // LAMBDA_TASK_ROOT, resolved, with a slash at its end
  zval autoloaders_;            // of the boot
  std::uint32_t patterns_ = 0;  // the zygote's, counted by watch()
  std::size_t handled_ = 0;     // strings that were loaded or refused
  unsigned pattern_count_ = 0;
  unsigned quiet_forks_ = 0;
};

}  // namespace phork::sapi
