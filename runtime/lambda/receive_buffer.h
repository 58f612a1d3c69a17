// SPDX-License-Identifier: MIT
//
// The memory that a reply is received into, used again for each one. Unlike a std::string it grows
// without writing zeros first, which for an event of 6 MB is as much work as receiving it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace phork::lambda {

class ReceiveBuffer {
 public:
  static constexpr std::size_t kUsualBytes = std::size_t{64} * 1024;

  std::string_view bytes() const { return {memory_.get(), size_}; }

  // Forgets the bytes, and gives back what only a large reply needed.
  void clear() {
    size_ = 0;
    if (capacity_ > kUsualBytes) reallocate(kUsualBytes);
  }

  // The free part, with room for at least `bytes`.
  std::span<char> space(std::size_t bytes) {
    if (capacity_ - size_ < bytes) {
      reallocate(std::max({size_ + bytes, kUsualBytes, 2 * capacity_}));
    }
    return {memory_.get() + size_, capacity_ - size_};
  }

  // The first `bytes` of the free part have been filled.
  void commit(std::size_t bytes) { size_ += bytes; }

 private:
  void reallocate(std::size_t capacity) {
    auto memory = std::make_unique_for_overwrite<char[]>(capacity);
    std::copy_n(memory_.get(), size_, memory.get());
    memory_ = std::move(memory);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
};

}  // namespace phork::lambda
