// SPDX-License-Identifier: MIT
#include "strategies/fpm/log.h"

#include <array>
#include <poll.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/text.h"

namespace phork::strategies {
namespace {

using base::Fd;
using base::LogLevel;
using base::Result;
using process::ExitStatus;

// Text that PHP prints does not contain a record separator.
constexpr std::string_view kMark = "\x1ephork-mark";

// Takes `prefix` off the front of `text`, if it is there.
bool skip(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool skip_time(std::string_view& text) {
  constexpr std::string_view kShape = "[20-Nov-2026 06:51:27";
  if (!text.starts_with('[') || text.size() < kShape.size()) return false;
  const std::size_t end = text.find("] ");
  if (end == std::string_view::npos || end < kShape.size()) return false;
  text.remove_prefix(end + 2);
  return true;
}

std::optional<LogLevel> take_level(std::string_view& text) {
  if (skip(text, "DEBUG: ") || skip(text, "NOTICE: ")) return LogLevel::kDebug;
  if (skip(text, "WARNING: ")) return LogLevel::kWarn;
  if (skip(text, "ERROR: ") || skip(text, "ALERT: ")) return LogLevel::kError;
  return std::nullopt;
}

// The text between the quotes. The last line of a worker may have the closed pipe behind them.
std::string_view unquoted(std::string_view text) {
  constexpr std::string_view kClosed = "\", pipe is closed";
  if (text.ends_with(kClosed)) {
    text.remove_suffix(kClosed.size());
  } else if (text.ends_with('"')) {
    text.remove_suffix(1);
  }
  skip(text, "NOTICE: PHP message: ");
  return text;
}

// The part of a worker's line behind its process id.
void read_child_line(std::string_view rest, FpmLine& read) {
  using Source = base::LogRecord::Source;
  const bool output = skip(rest, " said into stdout: \"");
  if (output || skip(rest, " said into stderr: \"")) {
    read.kind = FpmLine::Kind::kOutput;
    read.source = output ? Source::kPhpOutput : Source::kPhpError;
    read.text = unquoted(rest);
    return;
  }
  const bool signalled = skip(rest, " exited on signal ");
  if (!signalled && !skip(rest, " exited with code ")) return;
  const auto code = base::take_number<int>(rest);
  if (!code) return;
  read.kind = FpmLine::Kind::kExit;
  read.status = {signalled ? ExitStatus::Kind::kSignalled : ExitStatus::Kind::kExited, *code};
}

}  // namespace

FpmLine parse_fpm_line(std::string_view line) {
  FpmLine read;
  read.text = line;
  std::string_view rest = line;
  if (!skip_time(rest)) return read;
  const auto level = take_level(rest);
  if (!level) return read;
  read.level = *level;
  read.text = rest;
  constexpr std::string_view kPool = "[pool phork] child ";
  if (!skip(rest, kPool)) return read;
  const auto pid = base::take_number<int>(rest);
  if (!pid) return read;
  read.worker = *pid;
  read_child_line(rest, read);
  return read;
}

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
  // When the pipe is full or its reader is gone, no mark will arrive.
  if (::write(worker_error.get(), mark.data(), mark.size()) != std::ssize(mark)) return false;
  return changed_.wait_until(lock, deadline, [&] { return watched_[worker].marks >= awaited; });
}

std::optional<ExitStatus> FpmLog::wait_end(pid_t worker, base::Deadline deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] { return watched_[worker].status.has_value(); });
  return watched_[worker].status;
}

std::optional<ExitStatus> FpmLog::wait_other_end(base::Deadline deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] { return other_end_.has_value(); });
  return other_end_;
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
  if (read.kind == FpmLine::Kind::kOutput) return log_output(read);
  if (read.kind == FpmLine::Kind::kMaster) return log_master(read);
  const std::lock_guard lock(mutex_);
  const auto found = watched_.find(read.worker);
  (found == watched_.end() ? other_end_ : found->second.status) = read.status;
  changed_.notify_all();
}

void FpmLog::log_output(const FpmLine& line) {
  std::unique_lock lock(mutex_);
  const auto found = watched_.find(line.worker);
  const Watched entry = found == watched_.end() ? Watched{} : found->second;
  lock.unlock();
  // If the worker's last line has no newline, the mark follows in the same line.
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
