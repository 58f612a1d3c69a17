// SPDX-License-Identifier: MIT
//
// One object in memory that a process shares with the forks that it makes later. Zero bytes are its
// initial state. Any fork may write anything to it, so a reader checks what it reads.
#pragma once

#include <sys/mman.h>
#include <type_traits>

#include "runtime/base/pinned.h"

namespace phork::sapi {

template <typename T>
class SharedObject : private base::Pinned {
 public:
  // Not available() when the memory cannot be mapped.
  SharedObject() {
    static_assert(std::is_trivially_destructible_v<T>);
    void* const memory =
        ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) object_ = static_cast<T*>(memory);
  }

  ~SharedObject() {
    if (available()) ::munmap(object_, sizeof(T));
  }

  bool available() const { return object_ != nullptr; }

  T* operator->() const { return object_; }

 private:
  T* object_ = nullptr;
};

}  // namespace phork::sapi
