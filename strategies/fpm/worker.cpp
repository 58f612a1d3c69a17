// SPDX-License-Identifier: MIT
#include "strategies/fpm/worker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/log.h"
#include "runtime/process/known_children.h"
#include "runtime/process/process_tree.h"
#include "runtime/slot/lost_event.h"

namespace phork::strategies {
namespace {

using base::Error;
using base::ErrorKind;
using base::Fd;
using base::Result;
using event::Failure;

// A process whose connection has ended usually exits at once, unless PHP code closed it.
constexpr std::chrono::milliseconds kLostTimeout{250};
// From the end of a worker to the line of its master that has the exit status.
constexpr std::chrono::seconds kEndTimeout{1};
// A mark may have megabytes of log lines before it in the master.
constexpr std::chrono::seconds kLogTimeout{2};

base::Deadline within(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

// Reads /proc/PID/stat. The file is kept open, since it is read for each event.
std::string read_text(const Fd& file) {
  std::array<char, 512> text{};
  const ssize_t bytes = ::pread(file.get(), text.data(), text.size(), 0);
  return {text.data(), static_cast<std::size_t>(std::max<ssize_t>(bytes, 0))};
}

process::ProcessStat read_stat(const Fd& file) {
  return process::parse_stat(read_text(file)).value_or(process::ProcessStat{});
}

// The state comes after the name, which may hold anything.
bool is_stopped(const Fd& stat) {
  const std::string text = read_text(stat);
  const std::size_t name_end = text.rfind(')');
  return name_end != std::string::npos && text.compare(name_end, 3, ") T") == 0;
}

Fd open_file(pid_t pid, const char* name, int flags) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
  return Fd(::open(path.c_str(), flags | O_CLOEXEC));
}

}  // namespace

Result<std::unique_ptr<FpmWorker>> FpmWorker::connect(FpmMaster& master, const Settings& settings,
                                                      unsigned slot, base::Deadline deadline) {
  for (;;) {
    auto seen = master.ensure_alive();
    if (!seen) return std::move(seen).error();
    auto socket = master.connect();
    if (!socket) return std::move(socket).error();
    std::unique_ptr<FpmWorker> worker(
        new FpmWorker(master, std::move(seen).value(), FpmConnection(std::move(socket).value())));
    if (auto known = worker->identify(settings, deadline); !known) return std::move(known).error();
    if (read_stat(worker->stat_).parent == worker->master_seen_.pid) {
      if (!process::set_owner(worker->pid_, slot)) {
        base::log_warn(base::system_error("strategies: mark a worker of php-fpm", errno).text);
      }
      return worker;
    }
    // PHP code forked, and its child, unknown to php-fpm, accepts connections too.
    base::log_warn("strategies: connect to php-fpm: killed a process that answered in its place");
    worker->kill();
  }
}

FpmWorker::~FpmWorker() {
  if (pid_ != 0) master_.log().forget(pid_);
}

void FpmWorker::kill() {
  ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  base::wait_readable(pidfd_.get(), within(kEndTimeout));
}

base::Status FpmWorker::identify(const Settings& settings, base::Deadline deadline) {
  const auto hello = fpm_hello(settings);
  if (!hello) return hello.error();
  const auto reply = connection_.exchange(hello.value(), deadline, master_seen_.pidfd.get());
  if (!reply) return reply.error();
  const auto pid = read_fpm_hello(reply.value());
  if (!pid) return pid.error();
  // It has just answered, and its connection is still open: the process id cannot be reused yet.
  pidfd_ = base::open_pidfd(pid.value());
  if (!pidfd_.valid()) return base::system_error("strategies: open pidfd of a worker", errno);
  pid_ = pid.value();
  stat_ = open_file(pid_, "stat", O_RDONLY);
  children_ = open_file(pid_, ("task/" + std::to_string(pid_) + "/children").c_str(), O_RDONLY);
  standard_error_ = open_file(pid_, "fd/2", O_WRONLY | O_NONBLOCK);
  minor_faults_ = read_stat(stat_).minor_faults;
  master_.log().watch(pid_);
  flush();
  return base::ok_status();
}

bool FpmWorker::ready() const {
  // An event of another slot, or the last one's end, may have stopped it.
  if (is_stopped(stat_)) {
    ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGCONT, nullptr, 0);
  }
  const auto now = std::chrono::steady_clock::now();
  return !connection_.ended() && !base::wait_readable(pidfd_.get(), now) &&
         !base::wait_readable(master_seen_.pidfd.get(), now);
}

Served FpmWorker::serve(const event::Invocation& invocation, const FpmEvent& event,
                        base::Deadline deadline) {
  deadline_ = deadline;
  master_.log().begin_event(pid_, invocation);
  auto reply = connection_.exchange(*event.request, deadline);
  EventUsage usage;
  usage.generation = master_seen_.generation;
  if (!reply) return {failed(reply.error(), invocation, event), usage};
  usage.minor_faults = static_cast<std::uint32_t>(read_stat(stat_).minor_faults - minor_faults_);
  may_run_ = may_still_run(reply.value());
  return {read_fpm_answer(std::move(reply).value(), event), usage};
}

event::Outcome FpmWorker::failed(const Error& error, const event::Invocation& invocation,
                                 const FpmEvent& event) {
  if (error.kind == ErrorKind::kDisconnected) {
    return base::wait_readable(pidfd_.get(), within(kLostTimeout)) ? ended() : closed();
  }
  // php-fpm cannot interrupt PHP code, so kill the process.
  kill();
  if (error.kind == ErrorKind::kTimeout) return slot::timed_out(invocation, event.shape);
  return slot::worker_lost("sent a reply that is not an answer: " + error.text);
}

// exit() in PHP ends the request and not the worker. A worker that ended without a signal had its
// connection closed by PHP code, after which php-fpm gives up.
Failure FpmWorker::ended() {
  const auto status = master_.log().wait_end(pid_, within(kEndTimeout));
  if (!status || status->kind == process::ExitStatus::Kind::kSignalled) {
    return slot::death_failure(status);
  }
  return slot::worker_lost("closed its connection and ended: " + status->describe());
}

Failure FpmWorker::closed() {
  kill();
  return slot::worker_lost("closed its connection and did not exit");
}

bool FpmWorker::settle() {
  if (may_run_) {
    const auto ping = fpm_ping();
    may_run_ = false;
    if (!ping || !connection_.exchange(ping.value(), deadline_)) {
      base::log_warn(
          "strategies: code was still running after its answer; killed its worker at the deadline");
      kill();
    }
  }
  if (!ready()) return false;
  flush();
  minor_faults_ = read_stat(stat_).minor_faults;
  return !has_children();
}

bool FpmWorker::has_children() const {
  char first = 0;
  return ::pread(children_.get(), &first, 1, 0) > 0;
}

void FpmWorker::flush() {
  if (standard_error_.valid()) master_.log().flush(pid_, standard_error_, within(kLogTimeout));
}

}  // namespace phork::strategies
