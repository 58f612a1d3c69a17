// SPDX-License-Identifier: MIT
//
// A list of short strings in memory that a process shares with its forks: the forks add, the
// process reads. Bounded, and written by one fork at a time; a fork that finds another one writing
// adds nothing. A string is published when all of it is there, so a writer that dies in between
// leaves no part of it.
//
// Any fork can spoil this memory: a reader gets copies that are checked against the bounds, and has
// to judge their content itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "php-worker/sapi/learning/shared_object.h"
#include "runtime/base/pinned.h"

namespace phork::sapi {

class SharedStrings : private base::Pinned {
 public:
  static constexpr std::size_t kMostStrings = 2048;
  static constexpr std::size_t kMostBytes = std::size_t{256} << 10U;

  // The result when a fork tries what a string names.
  enum class Verdict : std::uint8_t { kOpen, kTrying, kGood, kBad };

  struct Item {
    std::uint8_t kind = 0;  // chosen by the caller
    std::string content;
  };

  // Not available() when the memory cannot be mapped.
  SharedStrings();
  ~SharedStrings();

  bool available() const { return memory_.available(); }

  // In a fork. False while another fork writes.
  bool begin_writing();
  // Ignores duplicates, and strings that do not fit.
  void add(std::uint8_t kind, std::string_view content);
  void end_writing();

  // In the process: takes the right to write from a fork that died with it.
  void release_dead_writer();

  // The number of published strings; never shrinks.
  std::size_t size() const;
  std::optional<Item> read(std::size_t index) const;

  Verdict verdict(std::size_t index) const;
  void set_verdict(std::size_t index, Verdict verdict);

  // Tells all forks, living and later, that the list has ended.
  void close();
  bool closed() const;

 private:
  struct Memory;

  bool knows(std::uint8_t kind, std::string_view content, std::size_t count) const;

  SharedObject<Memory> memory_;
};

}  // namespace phork::sapi
