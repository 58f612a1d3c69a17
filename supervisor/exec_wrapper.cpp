// SPDX-License-Identifier: MIT
#include "supervisor/exec_wrapper.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include "runtime/base/settings.h"

namespace phork::supervisor {
namespace {

// Holds the wrapper's path between the two starts of this program, in place of Lambda's variable:
// a wrapper that passes on only variables that it knows then starts the program without either,
// not again and again. The process id would not do: a wrapper may start the program as its child.
constexpr const char* kStartedWrapper = "PHORK_STARTED_WRAPPER";

base::Error refused(const std::string& wrapper, const std::string& got) {
  return {base::ErrorKind::kInvalid, std::string("supervisor: start the wrapper '") + wrapper +
                                         "' of " + kWrapperVariable +
                                         ": expected an executable file, got " + got};
}

void rename_variable(const char* from, const char* to) {
  ::setenv(to, base::variable(from).c_str(), 1);
  ::unsetenv(from);
}

// The wrapper may have another PATH, and change it.
std::string path_of_this_program(std::string_view called_as) {
  std::string path(called_as);
  if (path.find('/') != std::string::npos) return path;
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return self.empty() ? path : self.string();
}

}  // namespace

base::Status run_wrapper_once(std::span<char* const> command_line) {
  if (base::is_set(kStartedWrapper)) {
    rename_variable(kStartedWrapper, kWrapperVariable);
    return base::ok_status();
  }
  std::string wrapper = base::variable(kWrapperVariable);
  if (wrapper.empty()) return base::ok_status();
  std::error_code error;
  const bool is_file = std::filesystem::is_regular_file(wrapper, error);
  if (error) return refused(wrapper, error.message());
  if (!is_file) return refused(wrapper, "something else");
  if (::access(wrapper.c_str(), X_OK) != 0) return refused(wrapper, std::strerror(errno));

  // A slash keeps execvp(3) from searching PATH. It is used for scripts without a first line that
  // names their shell, which Lambda's own runtimes run too.
  if (wrapper.find('/') == std::string::npos) wrapper.insert(0, "./");
  std::string self = path_of_this_program(command_line.front());
  std::vector<char*> arguments{wrapper.data(), self.data()};
  arguments.insert(arguments.end(), command_line.begin() + 1, command_line.end());
  arguments.push_back(nullptr);
  rename_variable(kWrapperVariable, kStartedWrapper);
  // An ignored signal would stay ignored in the wrapper and what it starts.
  std::signal(SIGPIPE, SIG_DFL);
  std::signal(SIGXFSZ, SIG_DFL);
  ::execvp(wrapper.c_str(), arguments.data());
  const int failure = errno;
  rename_variable(kStartedWrapper, kWrapperVariable);
  return refused(wrapper, std::strerror(failure));
}

}  // namespace phork::supervisor
