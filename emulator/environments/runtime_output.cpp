// SPDX-License-Identifier: MIT
#include "emulator/environments/runtime_output.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace phork::emulator {

base::Result<base::FdPair> RuntimeOutput::open() {
  base::Result<base::FdPair> out = base::open_pipe();
  if (!out) return out.error();
  base::Result<base::FdPair> err = base::open_pipe();
  if (!err) return err.error();
  const std::lock_guard lock(mutex_);
  readers_ = {process::LineReader(std::move(out->first)),
              process::LineReader(std::move(err->first))};
  return base::FdPair{std::move(out->second), std::move(err->second)};
}

std::array<int, 2> RuntimeOutput::descriptors() const {
  const std::lock_guard lock(mutex_);
  return {readers_[0].fd(), readers_[1].fd()};
}

void RuntimeOutput::drain() {
  const std::lock_guard lock(mutex_);
  drain_locked();
}

void RuntimeOutput::add(std::string_view line) {
  const std::lock_guard lock(mutex_);
  drain_locked();
  write(line);
}

void RuntimeOutput::begin_event(const std::string& request_id, std::string_view line) {
  const std::lock_guard lock(mutex_);
  drain_locked();
  request_id_ = request_id;
  write(line);
}

void RuntimeOutput::end_event(std::string_view line) {
  const std::lock_guard lock(mutex_);
  drain_locked();
  write(line);
  request_id_.clear();
}

void RuntimeOutput::drain_locked() {
  for (process::LineReader& reader : readers_) {
    reader.drain([this](std::string_view line) { take(line); });
  }
}

void RuntimeOutput::take(std::string_view line) {
  const std::optional<RuntimeMetrics> metrics = RuntimeMetrics::parse(line);
  if (metrics) {
    context_.statistics.add(*metrics);
    if (!metrics->strategy.empty()) context_.activity.set_strategy(metrics->strategy);
    if (!context_.config.print_metrics) return;
  }
  // Runtimes write CR inside a record of many lines; CloudWatch shows the lines, and so do we.
  std::string shown(line);
  std::ranges::replace(shown, '\r', '\n');
  write(shown);
}

void RuntimeOutput::write(std::string_view line) {
  context_.log.append(line);
  context_.activity.log(environment_, request_id_, line);
}

}  // namespace phork::emulator
