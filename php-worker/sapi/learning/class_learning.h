// SPDX-License-Identifier: MIT
//
// What a zygote learns from its children: files whose classes they had to autoload, and regular
// expressions they had to compile. A child tells after its answer has left; before the next fork
// the zygote loads what is new, so that later children find it there.
//
// Nothing that an event's data can write may come into the zygote. So a child hands over names
// only, and the zygote takes a name for what its own eyes see behind it: a file of the deployment
// that declares and does nothing else, a literal in opcache's memory (docs/zygote.md). Each file is
// loaded in a copy of the zygote first; one that does not load silently is never tried again.
//
// A child that dies on the way, or writes nonsense, costs its own lesson.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "php-worker/sapi/learning/compiled_patterns.h"
#include "php-worker/sapi/learning/shared_strings.h"
#include "php-worker/sapi/php_headers.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {

// PHORK_LEARN. kAuto: from files that this process cannot change, as on Lambda; elsewhere a file
// that is edited has to be seen by the next event.
enum class Learn : std::uint8_t { kOff, kAuto, kOn };

// As bootstrap has checked it.
Learn learn_setting();

class ClassLearning : private base::Pinned {
 public:
  // Whose words are taken. A rehearsal was asked for by name and has no user: all of its patterns
  // are taken, and files that could be changed, as if the boot had loaded them.
  enum class Teacher : bool { kEvents, kRehearsal };

  // In the zygote, when the application has booted.
  ClassLearning(Teacher teacher, Learn setting);
  ~ClassLearning();

  // Whether there is anything to learn any more. The same for all.
  bool active() const { return texts_.available() && !texts_.closed(); }

  // In a child, before code of the user's runs.
  void watch();
  // In a child, when its answer has left.
  void report();

  // In the zygote, before it forks: loads what is new, in bounded time. True when there was some.
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
  const Learn setting_;
  SharedTexts texts_;
  std::string root_;            // LAMBDA_TASK_ROOT, resolved, with a slash at its end
  zval autoloaders_;            // of the boot
  std::uint32_t patterns_ = 0;  // of the zygote, as watch() found them
  std::size_t handled_ = 0;     // texts that were loaded or refused
  unsigned pattern_count_ = 0;
  unsigned quiet_forks_ = 0;
};

}  // namespace phork::sapi
