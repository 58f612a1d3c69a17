// SPDX-License-Identifier: MIT
#include "php-worker/sapi/learning/class_learning.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

#include "php-worker/sapi/learning/declaration_files.h"
#include "php-worker/sapi/php.h"
#include "php-worker/sapi/server_context.h"
#include "runtime/base/log.h"
#include "runtime/process/known_children.h"

namespace phork::sapi {
namespace {

using Verdict = SharedStrings::Verdict;

// A copy that hangs (on a file on a network, for example) would hold up all lessons.
constexpr unsigned kLongestCopySeconds = 2;

// The boot waits for these lessons.
constexpr std::chrono::seconds kTimeoutAtOnce{2};

// After this many events in a row without a lesson, learning ends.
constexpr std::uint32_t kQuietEvents = 64;

// So many events of an environment teach whenever they have something new.
constexpr std::uint32_t kFirstEvents = 3;

// A fresh worker costs a fork and the end of the old one, some 2 ms. A class that is loaded already
// saves 20 to 50 us in each event.
constexpr std::uint32_t kNamesWorthAWorker = 8;

constexpr unsigned kMostPatterns = 512;

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
    : teacher_(teacher), setting_(setting), files_(base::variable("LAMBDA_TASK_ROOT")) {
  ZVAL_UNDEF(&autoloaders_);
  if (!strings_.available()) return;
  if (teacher_ == Teacher::kEvents) list_autoloaders(&autoloaders_);
  const bool can_learn = teacher_ == Teacher::kRehearsal || Z_TYPE(autoloaders_) == IS_ARRAY;
  if (setting_ == base::Learn::kOff || !files_.available() || !can_learn || !counts_.available()) {
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
  reported_ = false;
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
  if (!active()) return;
  counts_->events.fetch_add(1);
  if (current_context().has_fatal) return;
  const bool rehearsal = teacher_ == Teacher::kRehearsal;
  const auto files = autoloaded_files();
  const auto patterns = patterns_since(patterns_, rehearsal ? Patterns::kAll : Patterns::kLiterals);
  if (files.empty() && patterns.empty()) return;
  if (!rehearsal && !autoloaders_are_the_boots()) return;
  if (!strings_.begin_writing()) return;
  const std::size_t before = strings_.size();
  for (const std::string_view file : files) {
    if (files_.begins_in(file)) strings_.add(kFile, file);
  }
  for (const std::string_view pattern : patterns) strings_.add(kPattern, pattern);
  reported_ = strings_.size() != before;
  strings_.end_writing();
}

bool ClassLearning::outgrown() {
  if (!active()) return false;
  // The zygote waits for this signal anyway, as it is the one of a child's end.
  if (reported_) ::kill(::getppid(), SIGCHLD);
  if (settled_ || learned_ != 0 || counts_->events.load() < kFirstEvents) return false;
  return counts_->learned.load() >= kNamesWorthAWorker;
}

// Only files that were written with the deployment may be loaded. The application may replace a
// file that it has made itself, under the same name and with the same class, and the zygote would
// keep the old class. Nothing stands in the way of an event that names a file of its own.
bool ClassLearning::may_be_loaded(const std::string& path) const {
  const bool may_be_writable = setting_ == base::Learn::kOn || teacher_ == Teacher::kRehearsal;
  return files_.has(
      path, may_be_writable ? DeployedFiles::Demand::kOld : DeployedFiles::Demand::kProtected);
}

// Each time costs the zygote a new arrangement of its heap, of up to 2 MB, so there may not be
// many.
bool ClassLearning::is_due() const {
  const std::uint32_t events = counts_->events.load();
  return events <= kFirstEvents || taught_at_ == 0 || events / 2 >= taught_at_;
}

bool ClassLearning::take_over(const std::function<bool()>& asked) {
  if (!active() || copy_ != 0) return false;
  const std::uint32_t events = counts_->events.load();
  if (handled_ == strings_.size() && events - quiet_since_ >= kQuietEvents) strings_.close();
  if (handled_ != strings_.size()) quiet_since_ = events;
  return (handled_ != settled_at_ || is_due()) && advance(asked);
}

bool ClassLearning::advance(const std::function<bool()>& asked) {
  if (!active() || copy_ != 0) return false;
  strings_.release_dead_writer();
  if (settled_at_ == strings_.size()) return false;
  load_tried(asked);
  if (!active()) return false;
  if (handled_ == strings_.size()) return finish();
  if (!asked()) start_copy();
  return false;
}

bool ClassLearning::take_over_now() {
  const base::Deadline deadline = std::chrono::steady_clock::now() + kTimeoutAtOnce;
  const auto too_late = [deadline] { return std::chrono::steady_clock::now() >= deadline; };
  bool learned = false;
  while (!learned && !too_late()) {
    learned = advance(too_late);
    if (copy_ == 0) break;
    while (::waitpid(copy_, nullptr, 0) == -1 && errno == EINTR) {
    }
    copy_ended();
  }
  return learned;
}

void ClassLearning::settle() {
  if (!active()) return;
  settled_ = true;
  counts_->events.store(0);
  taught_at_ = 0;
  quiet_since_ = 0;
}

bool ClassLearning::finish() {
  base::log(base::LogLevel::kDebug, "php-worker: zygote: learned " +
                                        std::to_string(handled_ - settled_at_) +
                                        " names of files and patterns");
  settled_at_ = handled_;
  taught_at_ = counts_->events.load();
  return counts_->learned.exchange(learned_) != learned_;
}

void ClassLearning::start_copy() {
  const pid_t own_pid = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    process::end_with_parent(own_pid);
    ::signal(SIGALRM, SIG_DFL);
    ::alarm(kLongestCopySeconds);
    try_files();
    ::_exit(0);
  }
  if (pid != -1) copy_ = pid;
}

void ClassLearning::try_files() {
  const std::size_t end = strings_.size();
  for (std::size_t i = handled_; i < end; ++i) {
    const auto item = strings_.read(i);
    if (!item || item->kind != kFile) continue;
    strings_.set_verdict(i, Verdict::kTrying);
    const bool allowed = may_be_loaded(item->content);
    const Loading loading = allowed ? load_declarations(item->content) : Loading::kRefused;
    if (loading == Loading::kBroken) return;
    strings_.set_verdict(i, loading == Loading::kDone ? Verdict::kGood : Verdict::kBad);
  }
}

void ClassLearning::load_tried(const std::function<bool()>& asked) {
  const std::size_t end = strings_.size();
  for (; handled_ < end && !asked(); ++handled_) {
    const auto item = strings_.read(handled_);
    if (!item) continue;
    if (item->kind != kFile) {
      load_pattern(item->content);
      continue;
    }
    const Verdict verdict = strings_.verdict(handled_);
    if (verdict == Verdict::kOpen && may_be_loaded(item->content)) return;  // a copy tries it
    if (verdict != Verdict::kGood) {
      log_refused(item->content);
    } else if (!load_file(item->content)) {
      strings_.close();
      return;
    }
  }
}

bool ClassLearning::load_file(const std::string& path) {
  if (may_be_loaded(path) && load_declarations(path) == Loading::kDone) {
    ++learned_;
    return true;
  }
  base::log_warn("php-worker: learn '" + path +
                 "': loaded in a copy of the zygote, but not in itself; nothing more is learned");
  return false;
}

// Ignores a pattern that is not a literal in this process.
void ClassLearning::load_pattern(const std::string& pattern) {
  if (pattern_count_ == kMostPatterns) return;
  const bool rehearsal = teacher_ == Teacher::kRehearsal;
  if (!compile_pattern(pattern, rehearsal ? Patterns::kAll : Patterns::kLiterals)) return;
  ++pattern_count_;
  ++learned_;
}

}  // namespace phork::sapi
