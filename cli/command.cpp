// SPDX-License-Identifier: MIT
#include "cli/command.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string_view>
#include <system_error>

#include "cli/sample.h"
#include "emulator/event/json_text.h"
#include "runtime/base/log.h"

namespace phork::cli {

using base::Error;
using base::ErrorKind;
using base::Result;

ExitCode exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kStopped:
      return kOk;
    case ErrorKind::kRefused:
      return kFailed;
    case ErrorKind::kInvalid:
      return kUsedWrongly;
    default:
      return kSystemFailed;
  }
}

ExitCode refuse(const Error& error) {
  base::log_error(error.text);
  return exit_code(error.kind);
}

Error invalid(const std::string& what, const std::string& object, const std::string& reason) {
  return {ErrorKind::kInvalid, "cli: " + what + " '" + object + "': " + reason};
}

Result<std::string> own_program() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return base::system_error("cli: find own program", error.value());
  return self.string();
}

Result<std::string> own_folder() {
  const Result<std::string> program = own_program();
  if (!program) return program.error();
  return std::filesystem::path(program.value()).parent_path().string();
}

Result<std::string> read_event_file(const std::string& file) {
  constexpr std::string_view kSample = "sample:";
  if (file.starts_with(kSample)) return read_sample(file.substr(kSample.size()));
  std::string event;
  if (file == "-") {
    event.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    // Opening a directory succeeds, but reading it throws.
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
      return invalid("read event", file, "expected a file, got a directory");
    }
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
      return invalid("read event", file, std::strerror(errno));
    }
    event.assign(std::istreambuf_iterator<char>(stream), {});
  }
  if (const std::string fault = emulator::json_fault(event); !fault.empty()) {
    return invalid("read event", file, "expected JSON: " + fault);
  }
  return event;
}

base::Status write_output_file(std::string_view what, const std::string& path,
                               std::string_view text) {
  if (path.empty()) return base::ok_status();
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return base::ok_status();
  return Error{ErrorKind::kSystem,
               "cli: write " + std::string(what) + " '" + path +
                   "': expected a file that can be written: " + std::strerror(errno)};
}

}  // namespace phork::cli
