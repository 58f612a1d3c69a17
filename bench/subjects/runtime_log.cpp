// SPDX-License-Identifier: MIT
#include "bench/subjects/runtime_log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace phork::bench {
namespace {

constexpr std::string_view kStart = ": start: ";
constexpr std::string_view kFirstPart = "at ";

// "NAME NUMBER us" at the beginning of `text`, which it takes away; empty when that is not there.
std::optional<StartPart> take_part(std::string_view& text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  StartPart part{std::string(text.substr(0, space)), 0};
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + space + 1, end, part.us);
  if (read.ec != std::errc() || !std::string_view(read.ptr, end).starts_with(" us")) {
    return std::nullopt;
  }
  constexpr std::string_view kBetween = " us, ";
  const auto rest = static_cast<std::size_t>(end - read.ptr);
  text.remove_prefix(text.size() - rest + std::min(rest, kBetween.size()));
  return part;
}

// Behind kStart.
StartLine read_start(std::string_view text) {
  StartLine line;
  if (const auto at = take_part(text)) line.at_us = at->us;
  while (auto part = take_part(text)) line.parts.push_back(std::move(*part));
  return line;
}

}  // namespace

RuntimeLog::RuntimeLog()
    : file_(base::check(::memfd_create("phork-bench-log", MFD_CLOEXEC), "bench: make log")) {
  // Append: a process that opens /dev/stderr again has an offset of its own and would overwrite.
  base::check(::fcntl(file_.get(), F_SETFL, O_APPEND), "bench: append to log");
}

std::map<std::string, emulator::RuntimeMetrics> RuntimeLog::take_metrics() {
  read_new_lines();
  return std::exchange(metrics_, {});
}

std::optional<StartLine> RuntimeLog::start_line(const std::string& program) {
  read_new_lines();
  const auto found = starts_.find(program);
  if (found == starts_.end()) return std::nullopt;
  return found->second;
}

std::string RuntimeLog::last_line() {
  read_new_lines();
  return last_line_;
}

void RuntimeLog::read_new_lines() {
  std::array<char, 65536> part;
  while (true) {
    // pread leaves the file offset alone, which the writers share.
    const ssize_t got = ::pread(file_.get(), part.data(), part.size(), read_bytes_);
    if (got <= 0) break;
    unread_.append(part.data(), static_cast<std::size_t>(got));
    read_bytes_ += got;
  }
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = unread_.find('\n', begin)) != std::string::npos;) {
    const std::string_view line(unread_.data() + begin, end - begin);
    begin = end + 1;
    if (auto metrics = emulator::RuntimeMetrics::parse(line)) {
      std::string id = metrics->request_id;
      metrics_.insert_or_assign(std::move(id), std::move(*metrics));
    } else if (const auto start = line.find(kStart);
               start != std::string_view::npos &&
               line.substr(start + kStart.size()).starts_with(kFirstPart)) {
      const std::size_t program = line.find_last_of("\t ", start) + 1;
      starts_.emplace(line.substr(program, start - program),
                      read_start(line.substr(start + kStart.size())));
    } else if (!line.empty()) {
      last_line_ = line;
    }
  }
  unread_.erase(0, begin);
}

base::Error RuntimeLog::failure(std::string text) {
  if (const std::string line = last_line(); !line.empty()) text += "; it said: " + line;
  return {base::ErrorKind::kRefused, std::move(text)};
}

}  // namespace phork::bench
