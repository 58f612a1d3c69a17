// SPDX-License-Identifier: MIT
//
// A list of short texts in memory that a process shares with its forks: the forks add, the process
// reads. Bounded, and written by one fork at a time; who finds another one writing adds nothing. A
// text is published when all of it is there, so a writer that dies half way leaves nothing of it.
//
// The memory is one that any fork can spoil: a reader gets copies that are checked against the
// bounds, and has to judge their content itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "runtime/base/pinned.h"

namespace phork::sapi {

class SharedTexts : private base::Pinned {
 public:
  static constexpr std::size_t kMostTexts = 2048;
  static constexpr std::size_t kMostBytes = std::size_t{256} << 10U;

  // What the forks learn about a text when they try what it names.
  enum class Verdict : std::uint8_t { kOpen, kTrying, kGood, kBad };

  struct Text {
    std::uint8_t kind = 0;  // of the caller's
    std::string content;
  };

  // Not available() where there is no memory to share.
  SharedTexts();
  ~SharedTexts();

  bool available() const { return memory_ != nullptr; }

  // In a fork. False while another one has it.
  bool begin_writing();
  // What is there already is passed over, as is all that finds no room.
  void add(std::uint8_t kind, std::string_view content);
  void end_writing();

  // In the process: takes the right to write from a fork that died with it.
  void release_dead_writer();

  // Of published texts; never shrinks.
  std::size_t size() const;
  std::optional<Text> read(std::size_t index) const;

  Verdict verdict(std::size_t index) const;
  void set_verdict(std::size_t index, Verdict verdict);

  // A word of the process to all later forks, and to those that live.
  void close();
  bool closed() const;

 private:
  struct Memory;

  bool knows(std::uint8_t kind, std::string_view content, std::size_t count) const;

  Memory* memory_ = nullptr;
};

}  // namespace phork::sapi
