// SPDX-License-Identifier: MIT
#include "strategies/fpm/master.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

#include "runtime/base/log.h"
#include "runtime/base/php_folder.h"
#include "runtime/base/settings.h"
#include "runtime/process/process_tree.h"
#include "runtime/process/stopped.h"

namespace phork::strategies {
namespace {

using base::Fd;
using base::Result;

constexpr int kInheritedSocket = 3;
constexpr std::chrono::seconds kEndTimeout{2};
// A worker's end, then the master's, then its last log line: all within this time.
constexpr std::chrono::milliseconds kLastWords{200};

base::Deadline within(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

std::string library_folder(const Settings& settings) {
  std::error_code ignored;
  return base::php_folder(std::filesystem::canonical(settings.worker_path, ignored));
}

// Workers run as our own user, as under every other strategy. php-fpm refuses to run as root unless
// the configuration says so; for another user it has no choice, and warns about a configured one.
FpmPool pool_of(const Settings& settings, std::string known_name) {
  FpmPool pool;
  pool.workers = settings.slots;
  pool.listen = std::move(known_name);
  pool.prepend_file = library_folder(settings) + "/Fpm/prepend.php";
  if (::geteuid() == 0) {
    pool.user = "0";
    pool.group = std::to_string(::getegid());
  }
  return pool;
}

}  // namespace

Result<std::unique_ptr<FpmMaster>> FpmMaster::start(const Settings& settings) {
  auto program = find_fpm(base::variable("PHORK_FPM"), base::variable("PATH"));
  if (!program) return std::move(program).error();
  auto folder = PrivateFolder::make();
  if (!folder) return std::move(folder).error();
  auto log = FpmLog::open();
  if (!log) return std::move(log).error();
  std::unique_ptr<FpmMaster> master(
      new FpmMaster(std::move(program).value(), std::move(folder).value(), std::move(log).value()));
  if (auto prepared = master->prepare(settings); !prepared) return std::move(prepared).error();
  if (auto spawned = master->spawn(); !spawned) return std::move(spawned).error();
  return master;
}

FpmMaster::~FpmMaster() {
  if (!process_) return;
  process_->signal(SIGTERM);
  if (!process_->wait(within(kEndTimeout))) process_->signal_group(SIGKILL);
}

base::Status FpmMaster::prepare(const Settings& settings) {
  const std::string configuration = fpm_configuration(pool_of(settings, known_name()));
  if (auto written = write_file(folder_.file("php-fpm.conf"), configuration); !written) {
    return written;
  }
  auto listening = listen_at(socket_path());
  if (!listening) return std::move(listening).error();
  listening_ = std::move(listening).value();
  return base::ok_status();
}

base::Status FpmMaster::spawn() {
  process::SpawnOptions options;
  options.program = program_;
  // php-fpm reads fcgi.logging before its pools, so it has to be an argument. PHP's messages come
  // through the log as well, in order and one line at a time.
  options.arguments = {"php-fpm",
                       "--nodaemonize",
                       "--fpm-config",
                       folder_.file("php-fpm.conf"),
                       "-d",
                       "fcgi.logging=0",
                       "-R"};
  options.environment = process::current_environment();
  // https://github.com/php/php-src/blob/PHP-8.2/sapi/fpm/fpm/fpm_sockets.c fpm_sockets_init_main
  process::set_variable(options.environment, "FPM_SOCKETS",
                        known_name() + "=" + std::to_string(kInheritedSocket));
  options.descriptors = {{listening_.get(), kInheritedSocket},
                         {log_->writing_end().get(), STDERR_FILENO}};
  auto spawned = process::Process::spawn(options);
  if (!spawned) return std::move(spawned).error();
  process_ = std::move(spawned).value();
  ++generation_;
  return base::ok_status();
}

Result<FpmMaster::Snapshot> FpmMaster::ensure_alive() {
  const std::lock_guard lock(mutex_);
  if (base::wait_readable(process_->pidfd(), std::chrono::steady_clock::now())) {
    // Kill the group before reaping its leader, while its number cannot be reused. Otherwise the
    // old workers live on and take connections that are meant for the next master's.
    process_->signal_group(SIGKILL);
    const auto status = process_->wait();
    base::log_error("strategies: php-fpm's master ended: " + status->describe());
    process::KnownChildren::of_this_process().end_strays();
    if (auto spawned = spawn(); !spawned) return std::move(spawned).error();
  }
  Fd pidfd(::fcntl(process_->pidfd(), F_DUPFD_CLOEXEC, 0));
  if (!pidfd.valid()) return base::system_error("strategies: copy pidfd of php-fpm", errno);
  return Snapshot{process_->pid(), std::move(pidfd), generation_};
}

void FpmMaster::kill() {
  const std::lock_guard lock(mutex_);
  process_->signal(SIGKILL);
}

void FpmMaster::look_for_stopped() {
  const std::lock_guard lock(mutex_);
  if (process::continue_if_stopped(process_->pid())) {
    base::log_warn("strategies: php-fpm's master was stopped, and goes on");
  }
}

std::string FpmMaster::describe_end() {
  const std::lock_guard lock(mutex_);
  const auto status = process_->wait(within(kLastWords));
  if (!status) return {};
  std::string text = "php-fpm ended: " + status->describe();
  const std::string words = log_->last_complaint();
  return words.empty() ? text : text + ": " + words;
}

}  // namespace phork::strategies
