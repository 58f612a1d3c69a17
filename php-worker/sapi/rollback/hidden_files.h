// SPDX-License-Identifier: MIT
//
// Open files that have no descriptor while an event runs. They wait in a message on a socket, and
// show() gives them descriptors for a while: one system call, however many files there are. An
// event can neither close them nor move their positions through a number of theirs, so they need no
// comparison after it. https://man7.org/linux/man-pages/man7/unix.7.html (SCM_RIGHTS, MSG_PEEK)
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {

// Descriptors of hidden files, in the order in which they were hidden. Closes them. None when the
// message is gone or the process may not have that many descriptors.
class ShownFiles : private base::Pinned {
 public:
  static constexpr std::size_t kMost = 128;

  ~ShownFiles() { close(); }

  std::span<const int> all() const { return {numbers_.data(), count_}; }

  void close();

 private:
  friend class HiddenFiles;

  std::array<int, kMost> numbers_{};
  std::size_t count_ = 0;
};

class HiddenFiles : private base::Pinned {
 public:
  // Makes the socket, so that it is one of the descriptors that an event may not change.
  HiddenFiles();

  // The socket that keeps the files; -1 when there is none.
  int number() const { return holder_.get(); }

  // Once. The caller closes its own descriptors. False when the files cannot be hidden.
  bool hide(std::span<const int> files);

  // Replaces what `shown` has.
  void show(ShownFiles& shown) const;

 private:
  base::Fd holder_;
  base::Fd sender_;
  std::size_t count_ = 0;
};

}  // namespace phork::sapi
