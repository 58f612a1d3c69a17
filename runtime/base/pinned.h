// SPDX-License-Identifier: MIT
//
// Base class of everything that is neither copied nor moved: it owns a process, a thread or a
// socket, or others hold its address.
#pragma once

namespace phork::base {

class Pinned {
 public:
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
  Pinned(Pinned&&) = delete;
  Pinned& operator=(Pinned&&) = delete;

 protected:
  Pinned() = default;
  ~Pinned() = default;
};

}  // namespace phork::base
