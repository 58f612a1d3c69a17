// SPDX-License-Identifier: MIT
//
// Captures the text that code writes to a standard stream. In that time the stream is a file in
// memory, so that the writer never blocks. Check results afterwards: a failure that doctest
// prints while standard output is captured would be lost.
#pragma once

#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"
#include "runtime/base/result.h"

namespace phork::testing {

class CapturedStream : private base::Pinned {
 public:
  explicit CapturedStream(int stream)
      : stream_(stream),
        before_(base::check(::fcntl(stream, F_DUPFD_CLOEXEC, 0), "keep a stream")),
        file_(base::check(::memfd_create("captured", MFD_CLOEXEC), "make a file")) {
    // Without O_APPEND, threads that write at the same time overwrite one another: a file in memory
    // has no lock on its position.
    base::check(::fcntl(file_.get(), F_SETFL, O_APPEND), "append to a file");
    base::check(::dup2(file_.get(), stream_), "capture a stream");
  }

  ~CapturedStream() { ::dup2(before_.get(), stream_); }

  std::string text() const {
    std::string text(static_cast<std::size_t>(::lseek(file_.get(), 0, SEEK_END)), '\0');
    const ssize_t got = ::pread(file_.get(), text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(base::check(static_cast<int>(got), "read a file")));
    return text;
  }

 private:
  int stream_;
  base::Fd before_;
  base::Fd file_;
};

template <typename Action>
std::string captured(int stream, Action action) {
  const CapturedStream capture(stream);
  action();
  return capture.text();
}

}  // namespace phork::testing
