// SPDX-License-Identifier: MIT
//
// The lessons that a zygote learns from its children: files whose classes an event had to autoload,
// and regular expressions that it had to compile. A child reports them after its answer has left.
// The zygote loads the new ones while nobody waits for it, so that later children find them loaded.
//
// Nothing that an event's data can influence may reach the zygote. So a child hands over names
// only, and the zygote trusts a name only as far as it can check what the name stands for: a file
// of the deployment that declares and does nothing else, or a literal in opcache's memory
// (docs/learning.md). Each file is first loaded in a copy of the zygote; a file that does not load
// silently is never tried again.
//
// A child that dies while it reports, or writes nonsense, loses only its own lesson.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <sys/types.h>

#include "php-worker/sapi/learning/compiled_patterns.h"
#include "php-worker/sapi/learning/deployed_files.h"
#include "php-worker/sapi/learning/shared_object.h"
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

  // In a child that serves more than one event, after report(). Has the zygote take over what is
  // new, since no end of a child tells it. True when the zygote knows so much more than this
  // process that a fresh child is worth its fork. That is so at most once: a child of a zygote that
  // has learned never hears it.
  bool outgrown();

  // In the zygote, when nobody waits for it: loads what is new, as far as it gets before `asked`.
  // New files are first tried in a copy, which runs beside the zygote; call again when it has
  // ended. The first events may teach at any time. Later the number of events has to double from
  // one time to the next, so that lessons stay rare. True when all that was reported is handled and
  // some of it was loaded.
  bool take_over(const std::function<bool()>& asked);

  // The same at once, whenever it was done last, in bounded time.
  bool take_over_now();

  // The copy that take_over() started; 0 when none is running. Its parent reaps it and says so.
  pid_t copy() const { return copy_; }

  void copy_ended() { copy_ = 0; }

  // In the zygote, before its first fork for an event: children are forked from a zygote that was
  // taught by a rehearsal, so none of them is outgrown.
  void settle();

 private:
  // Hints for one another: whoever spoils them only makes lessons late, or has a worker replaced.
  struct Counts {
    std::atomic<std::uint32_t> events;   // that ended in a child
    std::atomic<std::uint32_t> learned;  // names that the zygote has loaded
  };

  enum Kind : std::uint8_t { kFile, kPattern };

  bool autoloaders_are_the_boots() const;
  bool may_be_loaded(const std::string& path) const;
  bool is_due() const;
  bool advance(const std::function<bool()>& asked);
  void start_copy();
  void try_files();
  void load_tried(const std::function<bool()>& asked);
  bool load_file(const std::string& path);
  void load_pattern(const std::string& pattern);
  // True when names were loaded since the last time.
  bool finish();

  const Teacher teacher_;
  const base::Learn setting_;
  SharedStrings strings_;
  const DeployedFiles files_;   // of LAMBDA_TASK_ROOT
  zval autoloaders_;            // of the boot
  std::uint32_t patterns_ = 0;  // the zygote's, counted by watch()
  SharedObject<Counts> counts_;
  bool reported_ = false;        // by this child, in its event
  std::size_t handled_ = 0;      // strings that were loaded or refused
  std::size_t settled_at_ = 0;   // handled_ at the last finish()
  std::uint32_t learned_ = 0;    // names; a child keeps the number from its fork
  std::uint32_t taught_at_ = 0;  // events at the last finish()
  unsigned pattern_count_ = 0;
  std::uint32_t quiet_since_ = 0;  // events when something new was seen
  pid_t copy_ = 0;
  bool settled_ = false;
};

}  // namespace phork::sapi
