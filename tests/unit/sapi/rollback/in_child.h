// SPDX-License-Identifier: MIT
//
// Runs a part of a test in a copy of the test's process, which that part may spoil.
#pragma once

#include <cstdlib>
#include <new>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/base/pinned.h"

namespace phork::sapi::testing {

// A value in memory that the copy shares with the test, and that no rollback restores.
template <typename T>
class Shared : private base::Pinned {
 public:
  Shared() {
    void* const memory =
        ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    value_ = new (memory) T{};
  }

  ~Shared() { ::munmap(static_cast<void*>(value_), sizeof(T)); }

  T* operator->() const { return value_; }

  T& operator*() const { return *value_; }

 private:
  T* value_;
};

// Runs `part` in a copy and returns the copy's wait status, 0 when `part` ran to its end.
template <typename Part>
int in_child(Part&& part) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    part();
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(pid, &status, 0);
  return status;
}

}  // namespace phork::sapi::testing
