// SPDX-License-Identifier: MIT
//
// Notifies when the source of an application changes, so that running processes are stale.
// https://man7.org/linux/man-pages/man7/inotify.7.html
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "runtime/base/fd.h"
#include "runtime/base/pinned.h"

namespace phork::emulator {

// True if a file with this name is source: code, configuration or template, but not an editor's
// backup.
bool is_source_file(std::string_view name);

// True if a folder may contain source. `folder` is relative to the application's root, without
// slashes at its ends. False for hidden folders, for those of other tools, and for caches, logs and
// uploads of the usual frameworks: files that the application writes must not cause a reload after
// each event.
bool may_hold_sources(std::string_view folder);

// Watches all folders of an application by inotify, new ones included, on a thread of its own, and
// reports a burst of changes once. Folders for which the kernel grants no watch are scanned every
// second instead, with one warning.
// https://man7.org/linux/man-pages/man7/inotify.7.html
class SourceWatch : private base::Pinned {
 public:
  struct Options {
    std::string root;  // absolute
    // The most folders to watch, links followed; further ones are scanned.
    std::size_t most_watches = 16'384;
    // A burst of changes is over after this long without a change.
    std::chrono::milliseconds quiet{50};
    std::chrono::milliseconds scan_interval{1000};
  };

  // Both are called on the watch's thread.
  struct Hooks {
    // The first file of a burst, relative to the root, and how many others there are.
    std::function<void(const std::string& file, std::size_t others)> changed;
    std::function<void(const std::string& line)> warn;
  };

  // Notices all changes from here on. Throws base::SystemError when there are no descriptors left.
  SourceWatch(Options options, Hooks hooks);
  ~SourceWatch();

 private:
  using Times = std::map<std::string, std::filesystem::file_time_type>;

  void run();
  void read_changes();
  void note(int watch, std::string_view name, std::uint32_t what);
  void note_file(const std::string& file);
  void note_contents(const std::string& folder);
  void add_folders(const std::string& top);
  bool add_watch(const std::string& folder);
  bool leads_up(const std::filesystem::path& path) const;
  void scan_unwatched();
  Times unwatched_times() const;
  void notify();
  std::filesystem::path full_path(const std::string& relative) const;

  const Options options_;
  const Hooks hooks_;
  base::Fd stop_;     // an eventfd
  base::Fd inotify_;  // invalid if the kernel refused one
  bool warned_ = false;
  std::map<int, std::string> watched_;  // by watch: folders relative to the root, which is ""
  std::set<std::string> unwatched_;     // folders without a watch
  Times times_;                         // of the files in unwatched_
  std::vector<std::string> changed_;    // since the last notification, in order
  std::thread thread_;
};

}  // namespace phork::emulator
