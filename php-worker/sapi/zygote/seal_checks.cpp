// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/seal_checks.h"

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string_view>
#include <sys/syscall.h>
#include <sys/time.h>
#include <thread>
#include <ucontext.h>
#include <unistd.h>

#include "php-worker/sapi/memory/proc_file.h"
#include "php-worker/sapi/php.h"
#include "runtime/base/log.h"
#include "runtime/base/result.h"
#include "runtime/base/text.h"

namespace phork::sapi {
namespace {

// Calls a function of PHP, or of an extension that may not be loaded. False when it returned false
// or does not exist.
bool call_function(const char* name) {
  auto* const function = static_cast<zend_function*>(
      zend_hash_str_find_ptr(EG(function_table), name, std::strlen(name)));
  if (function == nullptr) return false;
  zval returned;
  ZVAL_UNDEF(&returned);
  zend_call_known_function(function, nullptr, nullptr, &returned, 0, nullptr, nullptr);
  const bool answered = Z_TYPE(returned) != IS_FALSE && !Z_ISUNDEF(returned);
  zval_ptr_dtor(&returned);
  return answered;
}

void forget_strtok() {
  if (BG(strtok_string) != nullptr) zend_string_release(BG(strtok_string));
  BG(strtok_string) = nullptr;
  BG(strtok_last) = nullptr;
  BG(strtok_len) = 0;
}

// OpenSSL's queue and PHP's copy of it hold no more errors than this.
void drain_openssl_errors() {
  constexpr int kMostErrors = 32;
  for (int error = 0; error < kMostErrors && call_function("openssl_error_string"); ++error) {
  }
}

bool disarm(int timer) {
  const itimerval never{};
  itimerval before{};
  if (::setitimer(static_cast<__itimer_which_t>(timer), &never, &before) != 0) return false;
  return before.it_value.tv_sec != 0 || before.it_value.tv_usec != 0;
}

std::vector<std::filesystem::path> folders_of_other_threads() {
  const std::string own = std::to_string(::syscall(SYS_gettid));
  std::vector<std::filesystem::path> folders;
  std::error_code ignored;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    if (task.path().filename() != own) folders.push_back(task.path());
  }
  return folders;
}

std::atomic<unsigned> threads_reached = 0;

// The kernel gives a signal of the process to any thread that does not block it, and SIGCHLD
// without a handler is then gone. A thread's mask can be changed from inside alone: by the mask
// that a handler returns to.
void block_child_signal(int /*signal*/, siginfo_t* /*info*/, void* context) {
  sigaddset(&static_cast<ucontext_t*>(context)->uc_sigmask, SIGCHLD);
  threads_reached.fetch_add(1);
}

// True also for a thread that has ended.
bool blocks_child_signal(const std::filesystem::path& thread) {
  const std::string status = read_proc_file(thread / "status");
  return status.empty() || (status_bits(status, "SigBlk") >> (SIGCHLD - 1) & 1U) != 0;
}

// Uses SIGURG, which does nothing to a program that has no handler for it.
void block_in_other_threads() {
  const auto threads = folders_of_other_threads();
  if (threads.empty()) return;

  struct sigaction ours {};

  struct sigaction theirs {};

  ours.sa_sigaction = block_child_signal;
  ours.sa_flags = SA_SIGINFO | SA_RESTART;
  base::check(::sigaction(SIGURG, &ours, &theirs), "php-worker: set a handler of SIGURG");
  for (const std::filesystem::path& thread : threads) {
    const auto number = base::parse_number<pid_t>(thread.filename().native());
    const unsigned before = threads_reached;
    // A thread that has just begun blocks all signals for a while, and one that always does is left
    // alone after a while.
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
    if (::syscall(SYS_tgkill, ::getpid(), number.value_or(0), SIGURG) == -1) continue;
    while (threads_reached == before && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
    }
    if (threads_reached != before || blocks_child_signal(thread)) continue;
    base::log_warn("php-worker: seal: a thread of the boot, number " + thread.filename().native() +
                   ", takes SIGCHLD away from the zygote; new children may be late");
  }
  ::sigaction(SIGURG, &theirs, nullptr);
}

}  // namespace

std::optional<event::Failure> find_open_session() {
  // close_boot() has made PHP forget the session's id, but the handler's data stays until the
  // session is closed; of a handler of PHP code PHP notes that it has opened one.
  const bool is_closed =
      PS(mod_data) == nullptr && !PS(mod_user_is_open) && !PS(mod_user_implemented);
  if (is_closed) return std::nullopt;
  return event::Failure{
      "Runtime.SealFailed",
      "boot has opened a session and not closed it: it belongs to one visitor, and every event "
      "would share its lock; call session_start() inside the event",
      {}};
}

void forget_errors() {
  JSON_G(error_code) = PHP_JSON_ERROR_NONE;
  PCRE_G(error_code) = PHP_PCRE_NO_ERROR;
  const bool completed = guarded([] {
    forget_strtok();
    call_function("libxml_clear_errors");
    drain_openssl_errors();
    // Resets intl's error, and closes objects that intl makes again when it needs them.
    end_module_request("intl");
  });
  if (!completed) CG(unclean_shutdown) = 0;
}

void forget_own_paths() {
  constexpr std::string_view kOfProcesses = "/proc/";
  const std::span buckets(realpath_cache_get_buckets(),
                          static_cast<std::size_t>(realpath_cache_max_buckets()));
  std::vector<std::string> paths;
  for (const realpath_cache_bucket* bucket : buckets) {
    for (; bucket != nullptr; bucket = bucket->next) {
      const std::string_view path(bucket->path, bucket->path_len);
      const std::string_view leads_to(bucket->realpath, bucket->realpath_len);
      if (path.starts_with(kOfProcesses) || leads_to.starts_with(kOfProcesses)) {
        paths.emplace_back(path);
      }
    }
  }
  for (const std::string& path : paths) realpath_cache_del(path.data(), path.size());
}

void close_links() {
  auto* const close = static_cast<zend_function*>(
      zend_hash_str_find_ptr(EG(function_table), "pg_close", sizeof("pg_close") - 1));
  auto* const link = static_cast<zend_class_entry*>(zend_hash_str_find_ptr(
      EG(class_table), "pgsql\\connection", sizeof("pgsql\\connection") - 1));
  if (close == nullptr || link == nullptr) return;
  const Silence silence;
  const bool completed = guarded([close, link] {
    const std::span objects(EG(objects_store).object_buckets, EG(objects_store).top);
    for (std::size_t handle = 1; handle < objects.size(); ++handle) {
      zend_object* const object = objects[handle];
      if (!IS_OBJ_VALID(object) || object->ce != link) continue;
      zval argument;
      ZVAL_OBJ_COPY(&argument, object);
      zval closed;
      ZVAL_UNDEF(&closed);
      zend_call_known_function(close, nullptr, nullptr, &closed, 1, &argument, nullptr);
      // Boot has closed this one itself.
      if (EG(exception) != nullptr) zend_clear_exception();
      zval_ptr_dtor(&argument);
    }
    constexpr std::string_view kPersistent = "pgsql.auto_reset_persistent";
    zend_string* const name = zend_string_init(kPersistent.data(), kPersistent.size(), false);
    zend_alter_ini_entry_chars(name, "1", 1, PHP_INI_SYSTEM, PHP_INI_STAGE_ACTIVATE);
    zend_string_release(name);
  });
  if (!completed) CG(unclean_shutdown) = 0;
}

void disarm_timers() {
  // set_time_limit()'s timer would measure the zygote's forking. Nothing is lost: the supervisor
  // owns the deadline of events.
  disarm(ITIMER_PROF);
  const bool real = disarm(ITIMER_REAL);
  const bool user = disarm(ITIMER_VIRTUAL);
  if (!real && !user) return;
  base::log_warn(
      std::string("php-worker: seal: boot has set ") +
      (real ? "an alarm" : "a timer of its CPU time") +
      ", which is cancelled because events would not inherit it; set it in Phork\\onFork");
}

void report_locked_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kilobytes = 0;
    if (word != "VmLck:" || !(status >> kilobytes) || kilobytes == 0) continue;
    base::log_warn("php-worker: seal: boot has locked " + std::to_string(kilobytes) +
                   " kB of memory, which events would not inherit; lock it in Phork\\onFork");
  }
}

void ChildSignal::take() {
  block_in_other_threads();

  struct sigaction standard {};

  standard.sa_handler = SIG_DFL;
  sigemptyset(&standard.sa_mask);
  base::check(::sigaction(SIGCHLD, &standard, &of_boot_), "php-worker: reset SIGCHLD");
  taken_ = of_boot_.sa_handler != SIG_DFL || (of_boot_.sa_flags & SA_NOCLDWAIT) != 0;
}

void ChildSignal::give_back() const {
  if (taken_) ::sigaction(SIGCHLD, &of_boot_, nullptr);
}

std::vector<std::string> other_threads() {
  std::vector<std::string> names;
  for (const std::filesystem::path& thread : folders_of_other_threads()) {
    std::ifstream file(thread / "comm");
    std::string name;
    // A thread that has ended meanwhile has no name and does no harm.
    if (std::getline(file, name)) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace phork::sapi
