// SPDX-License-Identifier: MIT
//
// A log of the emulator that is kept in memory for a test to read.
#pragma once

#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "emulator/observe/log_sink.h"
#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::testing {

class KeptLog : private base::Pinned {
 public:
  emulator::LogSink& sink() { return sink_; }

  // Every line that was appended before the call.
  std::string text() {
    sink_.flush();
    std::string text(static_cast<std::size_t>(::lseek(file_.get(), 0, SEEK_END)), '\0');
    const ssize_t got = ::pread(file_.get(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(base::check(static_cast<int>(got), "read a log")));
    return text;
  }

 private:
  base::Fd file_{base::check(::memfd_create("log", MFD_CLOEXEC), "make a log")};
  emulator::LogSink sink_{file_.get()};
};

}  // namespace phork::testing
