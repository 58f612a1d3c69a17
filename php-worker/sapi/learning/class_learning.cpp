// SPDX-License-Identifier: MIT
#include "php-worker/sapi/learning/class_learning.h"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "php-worker/sapi/learning/declaration_files.h"
#include "php-worker/sapi/php.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/log.h"

namespace phork::sapi {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Verdict = SharedStrings::Verdict;

// The time to load before one fork, which is billed. Loading that takes longer continues before the
// next fork.
constexpr milliseconds kTimeoutWithEvents{20};
constexpr milliseconds kTimeoutWithRehearsals{2'000};

// A copy that hangs (on a file on a network, for example) would hold up its zygote.
constexpr unsigned kLongestCopySeconds = 2;

// After this many forks in a row without a lesson, learning ends.
constexpr unsigned kQuietForks = 64;

constexpr unsigned kMostPatterns = 512;

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::int64_t wall_clock_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

const std::int64_t kBorn = wall_clock_ns();

std::string resolved_root() {
  std::error_code ignored;
  std::string path =
      std::filesystem::canonical(base::variable("LAMBDA_TASK_ROOT"), ignored).string();
  if (!path.empty() && path.back() != '/') path += '/';
  return path;
}

// Lists the autoloaders: the same callables in the same order make the same list. Undefined when
// PHP cannot tell.
void list_autoloaders(zval* list) {
  ZVAL_UNDEF(list);
  auto* const function = static_cast<zend_function*>(zend_hash_str_find_ptr(
      CG(function_table), "spl_autoload_functions", sizeof("spl_autoload_functions") - 1));
  if (function == nullptr) return;
  const bool completed = guarded([function, list] {
    zend_call_known_function(function, nullptr, nullptr, list, 0, nullptr, nullptr);
  });
  if (!completed) CG(unclean_shutdown) = 0;
}

void log_refused(const std::string& path) {
  base::log(base::LogLevel::kDebug,
            "php-worker: learn '" + path +
                "': expected a file of the deployment that only declares and loads silently");
}

}  // namespace

ClassLearning::ClassLearning(Teacher teacher, base::Learn setting)
    : teacher_(teacher), setting_(setting), root_(resolved_root()) {
  ZVAL_UNDEF(&autoloaders_);
  if (!strings_.available()) return;
  if (teacher_ == Teacher::kEvents) list_autoloaders(&autoloaders_);
  const bool has_autoloader =
      Z_TYPE(autoloaders_) == IS_ARRAY && zend_hash_num_elements(Z_ARRVAL(autoloaders_)) != 0;
  const bool can_learn = teacher_ == Teacher::kRehearsal || has_autoloader;
  if (setting_ == base::Learn::kOff || root_.size() < 2 || !can_learn) {
    strings_.close();
    return;
  }
  install_declaration_hooks();
}

ClassLearning::~ClassLearning() {
  zval_ptr_dtor(&autoloaders_);
}

void ClassLearning::watch() {
  if (!active()) return;
  patterns_ = count_patterns();
  watch_autoloading();
}

// An event that registered its own autoloader finds files in its own way: another event may have to
// find another file under the same class name.
bool ClassLearning::autoloaders_are_the_boots() const {
  zval now;
  list_autoloaders(&now);
  zval boots;
  ZVAL_COPY_VALUE(&boots, &autoloaders_);
  const bool same = zend_is_identical(&boots, &now);
  zval_ptr_dtor(&now);
  return same;
}

void ClassLearning::report() {
  if (!active() || current_context().has_fatal) return;
  const bool rehearsal = teacher_ == Teacher::kRehearsal;
  const auto files = autoloaded_files();
  const auto patterns = patterns_since(patterns_, rehearsal ? Patterns::kAll : Patterns::kLiterals);
  if (files.empty() && patterns.empty()) return;
  if (!rehearsal && !autoloaders_are_the_boots()) return;
  if (!strings_.begin_writing()) return;
  for (const std::string_view file : files) {
    if (file.starts_with(root_)) strings_.add(kFile, file);
  }
  for (const std::string_view pattern : patterns) strings_.add(kPattern, pattern);
  strings_.end_writing();
}

// Only files that were written with the deployment may be loaded. The application may replace a
// file that it has made itself, under the same name and with the same class, and the zygote would
// keep the old class.
bool ClassLearning::may_be_loaded(const std::string& path) const {
  struct stat file {};

  if (!path.starts_with(root_) || ::lstat(path.c_str(), &file) != 0) return false;
  if (!S_ISREG(file.st_mode)) return false;
  if (nanoseconds(file.st_mtim) >= kBorn || nanoseconds(file.st_ctim) >= kBorn) return false;
  if (setting_ == base::Learn::kOn || teacher_ == Teacher::kRehearsal) return true;
  const std::string folder = path.substr(0, path.rfind('/'));
  return ::access(path.c_str(), W_OK) != 0 && ::access(folder.c_str(), W_OK) != 0;
}

bool ClassLearning::take_over() {
  if (!active()) return false;
  strings_.release_dead_writer();
  if (handled_ == strings_.size()) {
    if (++quiet_forks_ == kQuietForks) strings_.close();
    return false;
  }
  quiet_forks_ = 0;
  const std::size_t handled_before = handled_;
  const bool rehearsal = teacher_ == Teacher::kRehearsal;
  const milliseconds timeout = rehearsal ? kTimeoutWithRehearsals : kTimeoutWithEvents;
  const Deadline start = steady_clock::now();
  for (;;) {
    load_tried(start + timeout);
    if (handled_ == strings_.size() || steady_clock::now() >= start + timeout) break;
    try_in_copy(start + timeout / 2);
    if (strings_.verdict(handled_) == Verdict::kOpen) break;
  }
  return handled_ != handled_before;
}

void ClassLearning::try_in_copy(Deadline deadline) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::signal(SIGALRM, SIG_DFL);
    ::alarm(kLongestCopySeconds);
    try_files(deadline);
    ::_exit(0);
  }
  if (pid == -1) return;
  while (::waitpid(pid, nullptr, 0) == -1 && errno == EINTR) {
  }
}

void ClassLearning::try_files(Deadline deadline) {
  const std::size_t end = strings_.size();
  for (std::size_t i = handled_; i < end; ++i) {
    if (i != handled_ && steady_clock::now() >= deadline) return;
    const auto item = strings_.read(i);
    if (!item || item->kind != kFile) continue;
    strings_.set_verdict(i, Verdict::kTrying);
    const bool allowed = may_be_loaded(item->content);
    const Loading loading = allowed ? load_declarations(item->content) : Loading::kRefused;
    if (loading == Loading::kBroken) return;
    strings_.set_verdict(i, loading == Loading::kDone ? Verdict::kGood : Verdict::kBad);
  }
}

void ClassLearning::load_tried(Deadline deadline) {
  const std::size_t end = strings_.size();
  const std::size_t first = handled_;
  for (; handled_ < end; ++handled_) {
    if (handled_ != first && steady_clock::now() >= deadline) return;
    const auto item = strings_.read(handled_);
    if (!item) continue;
    if (item->kind != kFile) {
      load_pattern(item->content);
      continue;
    }
    const Verdict verdict = strings_.verdict(handled_);
    if (verdict == Verdict::kOpen) return;
    if (verdict != Verdict::kGood) {
      log_refused(item->content);
    } else if (!load_file(item->content)) {
      strings_.close();
      return;
    }
  }
}

bool ClassLearning::load_file(const std::string& path) const {
  if (may_be_loaded(path) && load_declarations(path) == Loading::kDone) return true;
  base::log_warn("php-worker: learn '" + path +
                 "': loaded in a copy of the zygote, but not in itself; nothing more is learned");
  return false;
}

// Ignores a pattern that is not a literal in this process.
void ClassLearning::load_pattern(const std::string& pattern) {
  if (pattern_count_ == kMostPatterns) return;
  const bool rehearsal = teacher_ == Teacher::kRehearsal;
  if (compile_pattern(pattern, rehearsal ? Patterns::kAll : Patterns::kLiterals)) ++pattern_count_;
}

}  // namespace phork::sapi
