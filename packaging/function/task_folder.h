// SPDX-License-Identifier: MIT
//
// Runs programs with a copy of the application at /var/task, where Lambda has it: compiled code and
// caches hold paths. That is a name space of its own, by the program bwrap of the Debian package
// bubblewrap, which needs no rights: https://github.com/containers/bubblewrap
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "runtime/base/result.h"

namespace phork::packaging {

// LAMBDA_TASK_ROOT: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
inline constexpr const char* kTaskRoot = "/var/task";

struct Command {
  std::string what;                    // "composer install": names it in an error
  std::vector<std::string> arguments;  // the program first, by its path in the name space
  std::vector<std::string> environment;
  bool has_network = false;
  std::filesystem::path writable;  // a folder of the machine; "" for none
  // A file of the machine, and its name in the name space. It need not be there.
  std::pair<std::filesystem::path, std::string> readable;
};

class TaskFolder {
 public:
  explicit TaskFolder(std::filesystem::path copy) : copy_(std::move(copy)) {}

  const std::filesystem::path& path() const { return copy_; }

  // With the programs of this machine, which they see read-only. /tmp and the rest of /var are
  // empty. kInvalid with the command's last line when it fails; kRefused when it is a program of
  // phork that refuses its settings (base::kUsedWrongly).
  base::Status run_here(const Command& command) const;

  // With nothing but what an unpacked layer has at /opt.
  base::Status run_in_layer(const Command& command, const std::filesystem::path& layer) const;

  // With the programs of this machine, and phork's folder `programs` at /opt/phork.
  base::Status run_with_programs(const Command& command,
                                 const std::filesystem::path& programs) const;

 private:
  base::Status run(const Command& command, std::vector<std::string> mounts) const;

  std::filesystem::path copy_;
};

}  // namespace phork::packaging
