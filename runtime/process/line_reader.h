// SPDX-License-Identifier: MIT
//
// Reads the output of a process from a pipe and hands it on in whole lines, so that lines of
// different processes never mix. A line longer than the buffer is handed on in parts.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "runtime/base/fd.h"

namespace phork::process {

class LineReader {
 public:
  // Gets each line without its newline.
  using Sink = std::function<void(std::string_view line)>;

  LineReader() = default;

  // `pipe` is read from, non-blocking (base/fd.h open_pipe).
  explicit LineReader(base::Fd pipe) : pipe_(std::move(pipe)) {}

  // The descriptor to poll, -1 once the other end is closed everywhere.
  int fd() const { return pipe_.get(); }

  // Reads all that is there now. False once the pipe has ended; then a last line without a newline
  // has been handed on too.
  bool drain(const Sink& sink);

  // Reads once. False once the pipe has ended, as above.
  bool read_some(const Sink& sink);

  // The beginning of a line that has no end yet has been read; end_line() hands it on.
  bool has_open_line() const { return !pending_.empty(); }

  void end_line(const Sink& sink);

 private:
  std::size_t read_once(const Sink& sink);
  void hand_on_lines(const Sink& sink);

  base::Fd pipe_;
  std::string pending_;
};

}  // namespace phork::process
