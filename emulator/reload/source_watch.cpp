// SPDX-License-Identifier: MIT
#include "emulator/reload/source_watch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits.h>
#include <optional>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/io.h"
#include "runtime/base/result.h"

namespace phork::emulator {
namespace {

constexpr std::array<std::string_view, 25> kEndings = {
    ".php", ".phtml", ".inc",  ".ini",  ".twig", ".latte", ".tpl", ".mustache", ".yaml",
    ".yml", ".xml",   ".json", ".neon", ".toml", ".po",    ".mo",  ".xlf",      ".html",
    ".htm", ".js",    ".mjs",  ".cjs",  ".py",   ".rb",    ".sh"};

// Of Symfony and Laravel.
constexpr std::array<std::string_view, 3> kWrittenFolders = {"var", "storage", "bootstrap/cache"};

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// Editors write a file in place, or write a new file and rename it. IN_CREATE alone is not a change
// of a file: IN_CLOSE_WRITE follows once it is written.
constexpr std::uint32_t kInteresting =
    IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR;

std::string join(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

// Links count as the folder or file that they lead to.
std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    entries.push_back(*entry);
  }
  return entries;
}

bool is_folder(const fs::directory_entry& entry) {
  std::error_code error;
  return entry.is_directory(error);
}

// Identifies a folder, whatever path leads there.
std::optional<std::pair<dev_t, ino_t>> identity(const fs::path& path) {
  struct stat status {};

  if (::stat(path.c_str(), &status) < 0) return std::nullopt;
  return std::pair(status.st_dev, status.st_ino);
}

}  // namespace

bool is_source_file(std::string_view name) {
  if (name == "bootstrap" || name == ".env" || name.starts_with(".env.")) return true;
  if (name.starts_with('.') || name.starts_with('#')) return false;
  return std::ranges::any_of(kEndings,
                             [name](std::string_view ending) { return name.ends_with(ending); });
}

bool may_hold_sources(std::string_view folder) {
  const std::string_view name = folder.substr(folder.rfind('/') + 1);
  if (name.starts_with('.') || name == "node_modules") return false;
  return std::ranges::find(kWrittenFolders, folder) == kWrittenFolders.end();
}

SourceWatch::SourceWatch(Options options, Hooks hooks)
    : options_(std::move(options)),
      hooks_(std::move(hooks)),
      stop_(base::check(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "reload: make eventfd")),
      inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  add_folders({});
  times_ = unwatched_times();
  thread_ = std::thread([this] { run(); });
}

SourceWatch::~SourceWatch() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void SourceWatch::run() {
  Clock::time_point next_scan = Clock::now() + options_.scan_interval;
  while (true) {
    Clock::time_point until = Clock::time_point::max();
    if (!unwatched_.empty()) until = next_scan;
    if (!changed_.empty()) until = std::min(until, Clock::now() + options_.quiet);
    std::array<pollfd, 2> descriptors = {{{stop_.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}}};
    const bool quiet = base::poll_until(descriptors, until) == 0;
    if (descriptors[0].revents != 0) return;
    if (descriptors[1].revents != 0) read_changes();
    if (!unwatched_.empty() && Clock::now() >= next_scan) {
      scan_unwatched();
      next_scan = Clock::now() + options_.scan_interval;
    }
    if (quiet && !changed_.empty()) notify();
  }
}

void SourceWatch::read_changes() {
  alignas(inotify_event) std::array<char, 16 * (sizeof(inotify_event) + NAME_MAX + 1)> buffer;
  while (true) {
    const ssize_t got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0) return;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* name = buffer.data() + at + sizeof event;
      note(event.wd, std::string_view(name, ::strnlen(name, event.len)), event.mask);
      at += sizeof event + event.len;
    }
  }
}

void SourceWatch::note(int watch, std::string_view name, std::uint32_t what) {
  if ((what & IN_Q_OVERFLOW) != 0) {
    changed_.emplace_back("more files than the kernel keeps track of");
    add_folders({});
    return;
  }
  const auto folder = watched_.find(watch);
  if (folder == watched_.end()) return;
  if ((what & IN_IGNORED) != 0) {
    watched_.erase(folder);
    return;
  }
  const std::string path = join(folder->second, name);
  std::error_code error;
  const bool is_link = fs::is_symlink(full_path(path), error);
  const bool is_there = (what & (IN_CREATE | IN_MOVED_TO)) != 0;
  if (is_there && fs::is_directory(full_path(path), error)) {
    if (!may_hold_sources(path) || leads_up(full_path(path))) return;
    add_folders(path);
    note_contents(path);
  } else if ((what & IN_ISDIR) != 0) {
    if (may_hold_sources(path)) changed_.push_back(path);
  } else if ((what & IN_CREATE) == 0 || is_link) {
    note_file(path);
  }
}

void SourceWatch::note_file(const std::string& file) {
  if (is_source_file(std::string_view(file).substr(file.rfind('/') + 1))) changed_.push_back(file);
}

// Notes the files in a new folder, which may be older than its watch.
void SourceWatch::note_contents(const std::string& folder) {
  for (const fs::directory_entry& entry : entries_of(full_path(folder))) {
    const std::string path = join(folder, entry.path().filename().string());
    if (!is_folder(entry)) {
      note_file(path);
    } else if (may_hold_sources(path) && !entry.is_symlink()) {
      note_contents(path);
    }
  }
}

void SourceWatch::add_folders(const std::string& top) {
  std::vector<std::string> left{top};
  std::set<std::pair<dev_t, ino_t>> seen;
  while (!left.empty()) {
    const std::string folder = std::move(left.back());
    left.pop_back();
    const auto known = identity(full_path(folder));
    if (!known || !seen.insert(*known).second) continue;
    if (!add_watch(folder)) unwatched_.insert(folder);
    for (const fs::directory_entry& entry : entries_of(full_path(folder))) {
      const std::string path = join(folder, entry.path().filename().string());
      if (is_folder(entry) && may_hold_sources(path) && !leads_up(entry.path())) {
        left.push_back(path);
      }
    }
  }
  if (unwatched_.empty() || std::exchange(warned_, true)) return;
  hooks_.warn("reload: no inotify watch for " + std::to_string(unwatched_.size()) + " of " +
              std::to_string(watched_.size() + unwatched_.size()) +
              " folders (see fs.inotify.max_user_watches): they are scanned every " +
              std::to_string(options_.scan_interval.count()) + " ms");
}

bool SourceWatch::add_watch(const std::string& folder) {
  if (watched_.size() >= options_.most_watches) return false;
  const int watch = ::inotify_add_watch(inotify_.get(), full_path(folder).c_str(), kInteresting);
  if (watch < 0) return errno == ENOENT || errno == ENOTDIR;  // deleted meanwhile
  watched_.insert_or_assign(watch, folder);
  return true;
}

// True if a link leads to the root or a folder above it, which would include half the machine.
bool SourceWatch::leads_up(const fs::path& path) const {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return false;
  const fs::path target = fs::canonical(path, error);
  const fs::path root(options_.root);
  return error || std::mismatch(target.begin(), target.end(), root.begin(), root.end()).first ==
                      target.end();
}

void SourceWatch::scan_unwatched() {
  Times times = unwatched_times();
  for (const auto& [path, time] : times) {
    const auto before = times_.find(path);
    if (before == times_.end() || before->second != time) note_file(path);
  }
  for (const auto& [path, time] : times_) {
    if (!times.contains(path)) note_file(path);
  }
  times_ = std::move(times);
}

SourceWatch::Times SourceWatch::unwatched_times() const {
  Times times;
  for (const std::string& folder : unwatched_) {
    for (const fs::directory_entry& entry : entries_of(full_path(folder))) {
      const std::string name = entry.path().filename().string();
      std::error_code error;
      const auto written = entry.last_write_time(error);
      if (!error && !is_folder(entry) && is_source_file(name)) {
        times.emplace(join(folder, name), written);
      }
    }
  }
  return times;
}

void SourceWatch::notify() {
  const std::vector<std::string> all = std::exchange(changed_, {});
  const std::set<std::string> different(all.begin(), all.end());
  hooks_.changed(all.front(), different.size() - 1);
}

fs::path SourceWatch::full_path(const std::string& relative) const {
  return fs::path(options_.root) / relative;
}

}  // namespace phork::emulator
