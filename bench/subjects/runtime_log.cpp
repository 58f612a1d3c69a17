// SPDX-License-Identifier: MIT
#include "bench/subjects/runtime_log.h"

#include <array>
#include <fcntl.h>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace phork::bench {
RuntimeLog::RuntimeLog()
    : file_(base::check(::memfd_create("phork-bench-log", MFD_CLOEXEC), "bench: make log")) {
  // Append: a process that opens /dev/stderr again has an offset of its own and would overwrite.
  base::check(::fcntl(file_.get(), F_SETFL, O_APPEND), "bench: append to log");
}

std::map<std::string, emulator::RuntimeMetrics> RuntimeLog::take_metrics() {
  read_new_lines();
  return std::exchange(metrics_, {});
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
