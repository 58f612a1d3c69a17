// SPDX-License-Identifier: MIT
//
// Tells when the source of an application changes: inotify on its folders, new ones included, by a
// thread of its own. Changes that come close together are told once. Where the kernel grants no
// watch the rest of the folders is looked through every second, which is said once.
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

class SourceWatch : private base::Pinned {
 public:
  struct Options {
    std::string root;  // absolute
    // Folders that are watched at most, links followed; what is beyond is looked through.
    std::size_t most_watches = 16'384;
    // A burst of changes is over when nothing has changed for so long.
    std::chrono::milliseconds quiet{50};
    std::chrono::milliseconds look_interval{1000};
  };

  // Both called on the thread of the watch.
  struct Hooks {
    // The first file of a burst, relative to the root, and how many others there are.
    std::function<void(const std::string& file, std::size_t others)> changed;
    std::function<void(const std::string& line)> warn;
  };

  // Changes count from here on. Throws base::SystemError when there are no descriptors left.
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
  void look_through();
  Times unwatched_times() const;
  void report();
  std::filesystem::path full_path(const std::string& relative) const;

  const Options options_;
  const Hooks hooks_;
  base::Fd stop_;     // an eventfd
  base::Fd inotify_;  // invalid where the kernel has none to give
  bool warned_ = false;
  std::map<int, std::string> watched_;  // by watch: folders relative to the root, which is ""
  std::set<std::string> unwatched_;     // the others
  Times times_;                         // of the files in those
  std::vector<std::string> changed_;    // since the last report, in order
  std::thread thread_;
};

}  // namespace phork::emulator
