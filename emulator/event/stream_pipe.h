// SPDX-License-Identifier: MIT
//
// The bytes of one streamed answer on their way from the thread that reads them off the runtime's
// connection to the thread that brings them to the caller. Holds a bounded amount: a caller who
// does not read stops the runtime. One writer, one reader, and anybody may close it; whoever owns
// it (the dispatcher) keeps it until both have left. Neither end waits for one that is gone:
// after close() writing fails and reading returns what is left; after abandon() writing fails.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace phork::emulator {

class StreamPipe {
 public:
  // What may wait in it, besides what the reader has in hand.
  static constexpr std::size_t kCapacityBytes = std::size_t{64} << 10;

  // `interrupt` gets a writer that waits elsewhere for more to write to look here again. Called by
  // abandon(), until detach_writer().
  StreamPipe(std::string content_type, std::function<void()> interrupt)
      : content_type_(std::move(content_type)), interrupt_(std::move(interrupt)) {}

  const std::string& content_type() const { return content_type_; }

  // The writer's: waits for room. False when nobody will read the bytes.
  bool write(std::string_view bytes);
  // The writer's: `interrupt` is about to become invalid.
  void detach_writer();
  bool abandoned() const;

  // Nothing more is to come.
  void close();

  // The reader's: replaces `bytes` with all that is there; waits while there is nothing. False at
  // the end.
  bool read(std::string& bytes);
  // The reader's: it will not read on.
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
