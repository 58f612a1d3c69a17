// SPDX-License-Identifier: MIT
//
// How a streamed answer travels: StreamPipe takes it from the thread of the runtime's connection to
// the caller's thread, which writes it to the caller's StreamSink.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "runtime/base/pinned.h"

namespace phork::emulator {

// Receives a streamed answer while the function makes it. Called on the caller's own thread, inside
// LocalLambda::invoke(); not called for an answer that is not streamed.
class StreamSink : private base::Pinned {
 public:
  StreamSink() = default;
  virtual ~StreamSink() = default;

  // Once, before the first bytes.
  virtual void open(const std::string& content_type) = 0;
  // False when the caller does not want the rest; the runtime's connection is then closed.
  virtual bool write(std::string_view bytes) = 0;
};

// A bounded buffer, so that a caller who does not read stops the runtime. One writer and one
// reader; any thread may close it. The dispatcher owns it and keeps it until both ends are done.
// Neither end waits for one that is gone: after close() writing fails and reading returns the rest;
// after abandon() writing fails.
class StreamPipe {
 public:
  // The most bytes in the buffer, besides those that read() has returned.
  static constexpr std::size_t kCapacityBytes = std::size_t{64} << 10;

  // `interrupt` makes a writer that is blocked elsewhere, reading the next bytes to write, return
  // to the pipe. abandon() calls it, until detach_writer().
  StreamPipe(std::string content_type, std::function<void()> interrupt)
      : content_type_(std::move(content_type)), interrupt_(std::move(interrupt)) {}

  const std::string& content_type() const { return content_type_; }

  // For the writer: waits for room. False when nobody will read the bytes.
  bool write(std::string_view bytes);
  // For the writer: `interrupt` is about to become invalid.
  void detach_writer();
  bool abandoned() const;

  // Ends the stream.
  void close();

  // For the reader: replaces `bytes` with all buffered bytes; waits while there are none. False at
  // the end.
  bool read(std::string& bytes);
  // For the reader: it will not read any more.
  void abandon();

 private:
  const std::string content_type_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::function<void()> interrupt_;
  std::string waiting_;
  bool closed_ = false;
  bool abandoned_ = false;
};

}  // namespace phork::emulator
