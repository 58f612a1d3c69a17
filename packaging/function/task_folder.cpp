// SPDX-License-Identifier: MIT
#include "packaging/function/task_folder.h"

#include <chrono>
#include <sstream>
#include <string_view>
#include <sys/personality.h>
#include <system_error>
#include <utility>

#include "packaging/archive/require_program.h"
#include "runtime/base/exit_code.h"
#include "runtime/base/settings.h"
#include "runtime/base/text.h"
#include "runtime/process/spawn.h"

namespace phork::packaging {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;

constexpr std::chrono::minutes kTimeout{15};

// Programs that are started meanwhile have all their memory at the same addresses in each run, so
// that what they write of it is the same: https://man7.org/linux/man-pages/man2/personality.2.html
class FixedAddresses {
 public:
  FixedAddresses() : before_(::personality(kAsk)) {
    ::personality(static_cast<unsigned long>(before_) | ADDR_NO_RANDOMIZE);
  }

  ~FixedAddresses() { ::personality(static_cast<unsigned long>(before_)); }

  FixedAddresses(const FixedAddresses&) = delete;
  FixedAddresses& operator=(const FixedAddresses&) = delete;

 private:
  static constexpr unsigned long kAsk = 0xffffffff;
  int before_;
};

std::string last_line(std::string_view text) {
  text = base::trim(text);
  const std::size_t end = text.rfind('\n');
  return std::string(end == std::string_view::npos ? text : text.substr(end + 1));
}

// The line that names the error, if there is one; else the last. Symfony's console writes the place
// in one line, and the message into the next one with text; Composer lists what it cannot resolve
// below "Problem 1".
std::string telling_line(const std::string& text) {
  std::string place;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::string words(base::trim(line));
    if (words.empty()) continue;
    if (!place.empty()) return words;
    if ((words.starts_with("In ") && words.ends_with(":")) || words == "Problem 1") {
      place = words;
    } else if (words.find("rror: ") != std::string::npos) {
      return words;
    }
  }
  return last_line(text);
}

std::vector<std::string> machine() {
  return {"--ro-bind", "/", "/", "--tmpfs", "/var"};
}

}  // namespace

base::Status TaskFolder::run_here(const Command& command) const {
  return run(command, machine());
}

base::Status TaskFolder::run_in_layer(const Command& command, const fs::path& layer) const {
  return run(command, {"--ro-bind", layer.string(), "/opt"});
}

base::Status TaskFolder::run_with_programs(const Command& command, const fs::path& programs) const {
  std::vector<std::string> mounts = machine();
  std::error_code ignored;
  // In a build folder it is a link.
  const std::string php = fs::canonical(programs / "php", ignored).string();
  for (const char* name : {"bootstrap", "php-worker"}) {
    mounts.insert(mounts.end(),
                  {"--ro-bind", (programs / name).string(), std::string("/opt/phork/") + name});
  }
  mounts.insert(mounts.begin() + 5, {"--tmpfs", "/opt"});
  mounts.insert(mounts.end(), {"--ro-bind", php, "/opt/phork/php"});
  return run(command, std::move(mounts));
}

base::Status TaskFolder::run(const Command& command, std::vector<std::string> mounts) const {
  auto program = require_program({"bwrap"}, "bubblewrap");
  if (!program) return program.error();
  process::SpawnOptions options;
  options.program = std::move(program).value();
  options.arguments = {"bwrap"};
  options.arguments.insert(options.arguments.end(), mounts.begin(), mounts.end());
  for (const char* word : {"--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--unshare-pid",
                           "--unshare-ipc", "--die-with-parent", "--clearenv"}) {
    options.arguments.emplace_back(word);
  }
  if (!command.has_network) options.arguments.emplace_back("--unshare-net");
  if (!command.writable.empty()) {
    const std::string folder = command.writable.string();
    options.arguments.insert(options.arguments.end(), {"--bind-try", folder, folder});
  }
  if (const auto& [file, name] = command.readable; !file.empty()) {
    options.arguments.insert(options.arguments.end(), {"--ro-bind-try", file.string(), name});
  }
  options.arguments.insert(options.arguments.end(),
                           {"--bind", copy_.string(), kTaskRoot, "--chdir", kTaskRoot});
  for (const std::string& variable : command.environment) {
    const std::size_t equals = variable.find('=');
    options.arguments.insert(options.arguments.end(),
                             {"--setenv", variable.substr(0, equals), variable.substr(equals + 1)});
  }
  options.arguments.insert(options.arguments.end(), command.arguments.begin(),
                           command.arguments.end());
  options.environment = process::current_environment();
  const FixedAddresses fixed;
  const auto output =
      process::run_to_end(std::move(options), kTimeout, process::ErrorStream::kWithOutput);
  if (!output) return output.error();
  if (output->succeeded()) return base::ok_status();
  const bool refuses = output->status &&
                       output->status->kind == process::ExitStatus::Kind::kExited &&
                       output->status->code == base::kUsedWrongly;
  return Error{refuses ? ErrorKind::kRefused : ErrorKind::kInvalid,
               "packaging: run " + command.what + ": " + output->describe_end() + ": " +
                   telling_line(output->text)};
}

}  // namespace phork::packaging
