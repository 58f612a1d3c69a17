// SPDX-License-Identifier: MIT
#include "php-worker/sapi/learning/class_learning.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "php-worker/sapi/bailout.h"
#include "php-worker/sapi/exchange.h"
#include "php-worker/sapi/learning/declaration_files.h"
#include "runtime/base/log.h"

namespace phork::sapi {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Verdict = SharedTexts::Verdict;

// Before one fork, which is billed time. What takes longer goes on before the next one.
constexpr milliseconds kTimeoutWithEvents{20};
constexpr milliseconds kTimeoutWithRehearsals{2'000};

// A copy that hangs (a file on a network, say) would hold up its zygote.
constexpr unsigned kLongestCopySeconds = 2;

// When so many forks in a row brought nothing, the application is known.
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
  const char* root = std::getenv("LAMBDA_TASK_ROOT");
  std::error_code ignored;
  std::string path = std::filesystem::canonical(root == nullptr ? "" : root, ignored).string();
  if (!path.empty() && path.back() != '/') path += '/';
  return path;
}

// The same callables in the same order have the same list. Undefined when PHP cannot say.
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

Learn learn_setting() {
  const char* const value = std::getenv("PHORK_LEARN");
  const std::string_view word = value == nullptr ? "" : value;
  if (word == "on") return Learn::kOn;
  return word == "off" ? Learn::kOff : Learn::kAuto;
}

ClassLearning::ClassLearning(Teacher teacher, Learn setting)
    : teacher_(teacher), setting_(setting), root_(resolved_root()) {
  ZVAL_UNDEF(&autoloaders_);
  if (!texts_.available()) return;
  if (teacher_ == Teacher::kEvents) list_autoloaders(&autoloaders_);
  const bool has_autoloader =
      Z_TYPE(autoloaders_) == IS_ARRAY && zend_hash_num_elements(Z_ARRVAL(autoloaders_)) != 0;
  const bool can_learn = teacher_ == Teacher::kRehearsal || has_autoloader;
  if (setting_ == Learn::kOff || root_.size() < 2 || !can_learn) {
    texts_.close();
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

// An event that brought an autoloader of its own finds files in ways of its own: under the same
// name another event may have to find another file.
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
  if (!active() || current_exchange().has_fatal) return;
  const bool rehearsal = teacher_ == Teacher::kRehearsal;
  const auto files = autoloaded_files();
  const auto patterns = patterns_since(patterns_, rehearsal ? Patterns::kAll : Patterns::kLiterals);
  if (files.empty() && patterns.empty()) return;
  if (!rehearsal && !autoloaders_are_the_boots()) return;
  if (!texts_.begin_writing()) return;
  for (const std::string_view file : files) {
    if (file.starts_with(root_)) texts_.add(kFile, file);
  }
  for (const std::string_view pattern : patterns) texts_.add(kPattern, pattern);
  texts_.end_writing();
}

// Written once, with the deployment: a file that the application makes may be made anew, under the
// same name and with the same class in it, and the zygote would never see it.
bool ClassLearning::may_be_loaded(const std::string& path) const {
  struct stat file {};

  if (!path.starts_with(root_) || ::lstat(path.c_str(), &file) != 0) return false;
  if (!S_ISREG(file.st_mode)) return false;
  if (nanoseconds(file.st_mtim) >= kBorn || nanoseconds(file.st_ctim) >= kBorn) return false;
  if (setting_ == Learn::kOn || teacher_ == Teacher::kRehearsal) return true;
  const std::string folder = path.substr(0, path.rfind('/'));
  return ::access(path.c_str(), W_OK) != 0 && ::access(folder.c_str(), W_OK) != 0;
}

bool ClassLearning::take_over() {
  if (!active()) return false;
  texts_.release_dead_writer();
  if (handled_ == texts_.size()) {
    if (++quiet_forks_ == kQuietForks) texts_.close();
    return false;
  }
  quiet_forks_ = 0;
  const std::size_t handled_before = handled_;
  const bool rehearsal = teacher_ == Teacher::kRehearsal;
  const milliseconds timeout = rehearsal ? kTimeoutWithRehearsals : kTimeoutWithEvents;
  const Deadline start = steady_clock::now();
  for (;;) {
    load_tried(start + timeout);
    if (handled_ == texts_.size() || steady_clock::now() >= start + timeout) break;
    try_in_copy(start + timeout / 2);
    if (texts_.verdict(handled_) == Verdict::kOpen) break;
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
  const std::size_t end = texts_.size();
  for (std::size_t i = handled_; i < end; ++i) {
    if (i != handled_ && steady_clock::now() >= deadline) return;
    const auto text = texts_.read(i);
    if (!text || text->kind != kFile) continue;
    texts_.set_verdict(i, Verdict::kTrying);
    const bool allowed = may_be_loaded(text->content);
    const Loading loading = allowed ? load_declarations(text->content) : Loading::kRefused;
    if (loading == Loading::kBroken) return;
    texts_.set_verdict(i, loading == Loading::kDone ? Verdict::kGood : Verdict::kBad);
  }
}

void ClassLearning::load_tried(Deadline deadline) {
  const std::size_t end = texts_.size();
  const std::size_t first = handled_;
  for (; handled_ < end; ++handled_) {
    if (handled_ != first && steady_clock::now() >= deadline) return;
    const auto text = texts_.read(handled_);
    if (!text) continue;
    if (text->kind != kFile) {
      load_pattern(text->content);
      continue;
    }
    const Verdict verdict = texts_.verdict(handled_);
    if (verdict == Verdict::kOpen) return;
    if (verdict != Verdict::kGood) {
      log_refused(text->content);
    } else if (!load_file(text->content)) {
      texts_.close();
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

// One that is no literal here is passed over.
void ClassLearning::load_pattern(const std::string& pattern) {
  if (pattern_count_ == kMostPatterns) return;
  const bool rehearsal = teacher_ == Teacher::kRehearsal;
  if (compile_pattern(pattern, rehearsal ? Patterns::kAll : Patterns::kLiterals)) ++pattern_count_;
}

}  // namespace phork::sapi
