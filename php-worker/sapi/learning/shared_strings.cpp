// SPDX-License-Identifier: MIT
#include "php-worker/sapi/learning/shared_strings.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <unistd.h>

namespace phork::sapi {

// Only the fork whose pid is in `writer` touches the parts that
// are not atomic.
struct SharedStrings::Memory {
  struct Entry {
    std::uint64_t hash;
    std::uint32_t offset;
    std::uint32_t length;
    std::uint8_t kind;
  };

  std::atomic<pid_t> writer;
  std::atomic<bool> closed;
  std::atomic<std::uint32_t> count;  // published
  std::array<std::atomic<Verdict>, kMostStrings> verdicts;
  std::array<Entry, kMostStrings> entries;
  std::array<char, kMostBytes> bytes;

  // Where the next string begins: behind the last published one.
  std::size_t used(std::size_t strings) const {
    if (strings == 0) return 0;
    const Entry& last = entries[strings - 1];
    return std::size_t{last.offset} + last.length;
  }
};

SharedStrings::SharedStrings() = default;

SharedStrings::~SharedStrings() = default;

bool SharedStrings::begin_writing() {
  pid_t nobody = 0;
  return memory_->writer.compare_exchange_strong(nobody, ::getpid());
}

void SharedStrings::end_writing() {
  memory_->writer.store(0);
}

void SharedStrings::release_dead_writer() {
  pid_t writer = memory_->writer.load();
  if (writer == 0 || ::kill(writer, 0) == 0 || errno != ESRCH) return;
  memory_->writer.compare_exchange_strong(writer, 0);
}

std::size_t SharedStrings::size() const {
  return std::min<std::size_t>(memory_->count.load(std::memory_order_acquire), kMostStrings);
}

bool SharedStrings::knows(std::uint8_t kind, std::string_view content, std::size_t count) const {
  const std::uint64_t hash = std::hash<std::string_view>{}(content);
  for (std::size_t i = 0; i < count; ++i) {
    const Memory::Entry& entry = memory_->entries[i];
    if (entry.hash != hash || entry.kind != kind) continue;
    const auto item = read(i);
    if (item && item->content == content) return true;
  }
  return false;
}

void SharedStrings::add(std::uint8_t kind, std::string_view content) {
  const std::size_t count = size();
  if (content.empty() || count == kMostStrings || knows(kind, content, count)) return;
  const std::size_t offset = memory_->used(count);
  if (offset > kMostBytes || content.size() > kMostBytes - offset) return;
  std::memcpy(memory_->bytes.data() + offset, content.data(), content.size());
  memory_->entries[count] = {std::hash<std::string_view>{}(content),
                             static_cast<std::uint32_t>(offset),
                             static_cast<std::uint32_t>(content.size()), kind};
  memory_->count.store(static_cast<std::uint32_t>(count + 1), std::memory_order_release);
}

std::optional<SharedStrings::Item> SharedStrings::read(std::size_t index) const {
  if (index >= size()) return std::nullopt;
  const Memory::Entry entry = memory_->entries[index];
  const bool inside = entry.offset <= kMostBytes && entry.length <= kMostBytes - entry.offset;
  if (!inside || entry.length == 0) return std::nullopt;
  return Item{entry.kind, std::string(memory_->bytes.data() + entry.offset, entry.length)};
}

SharedStrings::Verdict SharedStrings::verdict(std::size_t index) const {
  return memory_->verdicts[index].load();
}

void SharedStrings::set_verdict(std::size_t index, Verdict verdict) {
  memory_->verdicts[index].store(verdict);
}

void SharedStrings::close() {
  memory_->closed.store(true);
}

bool SharedStrings::closed() const {
  return memory_->closed.load(std::memory_order_relaxed);
}

}  // namespace phork::sapi
