// SPDX-License-Identifier: MIT
//
// Signs that together differ whenever a value of KernelState (kernel_state.h) does, for about a
// tenth of the system calls that reading each value takes. docs/rollback.md says for each kind of
// state which sign it hangs on and why nothing is missed.
//
// Where a sign is not to be had (an old kernel, too many descriptors), they always count as
// changed, and each value is compared.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "php-worker/sapi/rollback/hidden_files.h"
#include "php-worker/sapi/rollback/snapshot.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {

class KernelSigns : private base::Pinned {
 public:
  // Records the signs of the current state. Leaves one descriptor open, a socket.
  KernelSigns();

  // True when nothing has changed. Shows the hidden files. Reaps children that have ended.
  bool are_same();

  void show_files() { hidden_.show(shown_); }

  void hide_files() { shown_.close(); }

  // While the files are shown. Page faults count where all else is the same.
  MemoryFiles memory_files() const;

 private:
  std::vector<int> files_to_hide() const;
  void read_fixed(std::string_view status);
  std::span<const char* const> namespaces() const;
  // "" when a sign cannot be read.
  std::string look();
  void release_locks() const;
  bool look_at_files(std::string& seen) const;
  bool look_at_namespaces(std::string& seen) const;
  bool look_at_descriptors(std::string& seen) const;
  void look_at_calls(std::string& seen) const;

  std::vector<int> numbers_;  // of the descriptors
  HiddenFiles hidden_;
  ShownFiles shown_;
  std::vector<int> lockable_;  // descriptors of files
  std::vector<int> signals_;   // with a handler, and SIGCHLD
  bool may_change_places_ = true;
  std::string before_;
  bool were_same_ = false;
};

}  // namespace phork::sapi
