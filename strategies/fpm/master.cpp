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
#include "runtime/process/known_children.h"
#include "runtime/process/stopped.h"

namespace phork::strategies {
namespace {

using base::Fd;
using base::Result;

constexpr int kInheritedSocket = 3;
constexpr int kInheritedConfiguration = 4;
constexpr std::chrono::seconds kEndTimeout{2};
// A worker's end, then the master's, then its last log line: all within this time.
constexpr std::chrono::milliseconds kLastWords{200};
constexpr std::chrono::seconds kTimeToTell{10};

base::Deadline within(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

std::string library_folder(const Settings& settings) {
  std::error_code ignored;
  return base::php_folder(std::filesystem::canonical(settings.worker_path, ignored));
}

// The value of php.ini in the text that phpinfo() prints; "" without one.
std::string open_basedir_in(std::string_view text) {
  constexpr std::string_view kName = "\nopen_basedir => ";
  const std::size_t begin = text.find(kName);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + kName.size());
  const std::string_view value = text.substr(0, text.find(" => "));
  return value == "no value" ? std::string() : std::string(value);
}

// Workers run as our own user, as under every other strategy. php-fpm refuses to run as root unless
// the configuration says so; for another user it has no choice, and warns about a configured one.
FpmPool pool_of(const Settings& settings, const std::string& name) {
  FpmPool pool;
  pool.workers = settings.slots;
  pool.listen = name;
  pool.prepend_file = library_folder(settings) + "/Fpm/prepend.php";
  if (::geteuid() == 0) {
    pool.user = "0";
    pool.group = std::to_string(::getegid());
  }
  return pool;
}

}  // namespace

Result<std::unique_ptr<FpmMaster>> FpmMaster::start(const Settings& settings) {
  const std::string own = std::filesystem::path(settings.worker_path).parent_path();
  auto program = find_fpm(base::variable("PHORK_FPM"), own, base::variable("PATH"));
  if (!program) return std::move(program).error();
  auto socket = FpmSocket::listen();
  if (!socket) return std::move(socket).error();
  auto configuration = keep_configuration(fpm_configuration(pool_of(settings, socket->name())));
  if (!configuration) return std::move(configuration).error();
  auto log = FpmLog::open();
  if (!log) return std::move(log).error();
  std::unique_ptr<FpmMaster> master(
      new FpmMaster(std::move(program).value(), library_folder(settings), std::move(socket).value(),
                    std::move(configuration).value(), std::move(log).value()));
  if (auto spawned = master->spawn(); !spawned) return std::move(spawned).error();
  return master;
}

FpmMaster::~FpmMaster() {
  if (!process_) return;
  process_->signal(SIGTERM);
  if (!process_->wait(within(kEndTimeout))) process_->signal_group(SIGKILL);
}

base::Status FpmMaster::spawn() {
  process::SpawnOptions options;
  options.program = program_;
  // php-fpm reads fcgi.logging before its pools, so it has to be an argument. PHP's messages come
  // through the log as well, in order and one line at a time.
  options.arguments = {"php-fpm", "--nodaemonize", "--fpm-config",
                       "/proc/self/fd/" + std::to_string(kInheritedConfiguration), "-d",
                       "fcgi.logging=0", "-d",
                       // php.ini's value, or 0 where it has none: Lambda has a limit of its own.
                       "max_execution_time=0|${max_execution_time}", "-R"};
  if (!allowed_.empty()) {
    options.arguments.insert(options.arguments.end(), {"-d", "open_basedir=\"" + allowed_ + "\""});
  }
  options.environment = process::current_environment();
  // https://github.com/php/php-src/blob/PHP-8.2/sapi/fpm/fpm/fpm_sockets.c fpm_sockets_init_main
  process::set_variable(options.environment, "FPM_SOCKETS",
                        socket_.name() + "=" + std::to_string(kInheritedSocket));
  options.descriptors = {{socket_.listening().get(), kInheritedSocket},
                         {configuration_.get(), kInheritedConfiguration},
                         {log_->writing_end().get(), STDERR_FILENO}};
  // It ends its workers then; with SIGKILL they would live on.
  options.death_signal = SIGTERM;
  auto spawned = process::Process::spawn(options);
  if (!spawned) return std::move(spawned).error();
  process_ = std::move(spawned).value();
  ++generation_;
  return base::ok_status();
}

Result<bool> FpmMaster::allow_library() {
  process::SpawnOptions options;
  options.program = program_;
  options.arguments = {"php-fpm", "-i"};
  options.environment = process::current_environment();
  const auto told =
      process::run_to_end(std::move(options), kTimeToTell, process::ErrorStream::kOurs);
  if (!told) return told.error();
  const std::string folders = open_basedir_in(told->text);
  if (folders.empty()) return false;
  const std::lock_guard lock(mutex_);
  allowed_ = folders + ":" + library_ + "/";
  process_->signal_group(SIGKILL);
  process_->wait();
  process::KnownChildren::of_this_process().end_strays();
  if (auto spawned = spawn(); !spawned) return std::move(spawned).error();
  return true;
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
