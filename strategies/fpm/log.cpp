// SPDX-License-Identifier: MIT
#include "strategies/fpm/log.h"

#include <array>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace phork::strategies {
namespace {

using base::Fd;
using base::LogLevel;
using base::Result;

// Nothing that prints begins with a record separator.
constexpr std::string_view kMark = "\x1ephork-mark";

}  // namespace

Result<std::unique_ptr<FpmLog>> FpmLog::open() {
  auto pipe = base::open_pipe();
  if (!pipe) return std::move(pipe).error();
  auto stop = base::open_pipe();
  if (!stop) return std::move(stop).error();
  return std::unique_ptr<FpmLog>(new FpmLog(std::move(pipe).value(), std::move(stop).value()));
}

FpmLog::FpmLog(base::FdPair pipe, base::FdPair stop)
    : writing_end_(std::move(pipe.second)),
      reader_(std::move(pipe.first)),
      stop_reader_(std::move(stop.first)),
      stop_(std::move(stop.second)),
      thread_([this] { read_lines(); }) {}

FpmLog::~FpmLog() {
  stop_.reset();
  thread_.join();
}

void FpmLog::watch(pid_t worker) {
  const std::lock_guard lock(mutex_);
  watched_[worker] = {};
}

void FpmLog::begin_event(pid_t worker, const event::Invocation& invocation) {
  const std::lock_guard lock(mutex_);
  Watched& entry = watched_[worker];
  entry.request_id = invocation.request_id;
  entry.tenant_id = invocation.tenant_id;
}

void FpmLog::forget(pid_t worker) {
  const std::lock_guard lock(mutex_);
  watched_.erase(worker);
}

bool FpmLog::flush(pid_t worker, const Fd& worker_error, base::Deadline deadline) {
  std::unique_lock lock(mutex_);
  const unsigned awaited = watched_[worker].marks + 1;
  const std::string mark = std::string(kMark) + "\n";
  // A full pipe, or one whose reader is gone: then there is nothing to wait for.
  if (::write(worker_error.get(), mark.data(), mark.size()) != std::ssize(mark)) return false;
  return changed_.wait_until(lock, deadline, [&] { return watched_[worker].marks >= awaited; });
}

std::optional<process::ExitStatus> FpmLog::wait_end(pid_t worker, base::Deadline deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] { return watched_[worker].end.has_value(); });
  return watched_[worker].end;
}

std::string FpmLog::last_complaint() {
  const std::lock_guard lock(mutex_);
  return last_complaint_;
}

void FpmLog::read_lines() {
  const auto sink = [this](std::string_view line) { take_line(line); };
  for (;;) {
    std::array<pollfd, 2> polled{pollfd{reader_.fd(), POLLIN, 0},
                                 pollfd{stop_reader_.get(), POLLIN, 0}};
    base::poll_until(polled, base::kNoDeadline);
    reader_.drain(sink);
    if (polled[1].revents != 0) return;
  }
}

void FpmLog::take_line(std::string_view line) {
  const FpmLine read = parse_fpm_line(line);
  if (read.kind == FpmLine::Kind::kSaid) return log_said(read);
  if (read.kind == FpmLine::Kind::kMaster) return log_master(read);
  const std::lock_guard lock(mutex_);
  const auto found = watched_.find(read.worker);
  if (found == watched_.end()) return;
  found->second.end = read.status;
  changed_.notify_all();
}

void FpmLog::log_said(const FpmLine& line) {
  std::unique_lock lock(mutex_);
  const auto found = watched_.find(line.worker);
  const Watched entry = found == watched_.end() ? Watched{} : found->second;
  lock.unlock();
  // A worker's last line may have lacked its end: then the mark stands behind it.
  std::string_view text = line.text;
  const bool is_mark = line.source == base::LogRecord::Source::kPhpError && text.ends_with(kMark);
  if (is_mark) text.remove_suffix(kMark.size());
  if (!is_mark || !text.empty()) {
    base::log({line.source, LogLevel::kInfo, entry.request_id, entry.tenant_id, text});
  }
  if (!is_mark) return;
  lock.lock();
  ++watched_[line.worker].marks;
  changed_.notify_all();
}

void FpmLog::log_master(const FpmLine& line) {
  const std::string text = "php-fpm: " + std::string(line.text);
  base::log(line.level, text);
  if (line.level < LogLevel::kWarn) return;
  const std::lock_guard lock(mutex_);
  last_complaint_ = line.text;
}

}  // namespace phork::strategies
