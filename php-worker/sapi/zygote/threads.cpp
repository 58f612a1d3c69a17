// SPDX-License-Identifier: MIT
#include "php-worker/sapi/zygote/threads.h"

#include <filesystem>
#include <fstream>
#include <sys/syscall.h>
#include <unistd.h>

namespace phork::sapi {

std::vector<std::string> other_threads() {
  const std::string own = std::to_string(::syscall(SYS_gettid));
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    if (task.path().filename() == own) continue;
    std::ifstream file(task.path() / "comm");
    std::string name;
    // One that has ended meanwhile has no name and does no harm.
    if (std::getline(file, name)) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace phork::sapi
