// SPDX-License-Identifier: MIT
//
// A log sink that keeps the lines of PHP as "out|err request_id: text". Any thread.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/log.h"

namespace phork::strategies::testing {

class KeptLines final : public base::LogSink {
 public:
  void write(const base::LogRecord& record) override {
    using Source = base::LogRecord::Source;
    if (record.source == Source::kRuntime || record.source == Source::kMetrics) return;
    std::string line = record.source == Source::kPhpOutput ? "out " : "err ";
    line.append(record.request_id).append(": ").append(record.text);
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }

  std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  base::InstalledLogSink installed_{*this};
};

}  // namespace phork::strategies::testing
