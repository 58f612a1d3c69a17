// SPDX-License-Identifier: MIT
//
// Shared by the commands: exit codes, events in the form in which a person gives them, and files
// for results.
#pragma once

#include <string>
#include <string_view>

#include "runtime/base/exit_code.h"
#include "runtime/base/result.h"

namespace phork::cli {

// docs/settings.md documents them; they are part of the interface.
using base::ExitCode;
using enum base::ExitCode;

ExitCode exit_code(base::ErrorKind kind);

// Logs the error of a command, and returns the exit code for its kind.
ExitCode refuse(const base::Error& error);

// The error of a person who used a command wrongly (kInvalid): "cli: <what> '<object>': <reason>".
base::Error invalid(const std::string& what, const std::string& object, const std::string& reason);

// The path of this program.
base::Result<std::string> own_program();

// The folder of this program and of what belongs to it.
base::Result<std::string> own_folder();

// The text of a JSON file, of stdin for "-", or of the sample of an event for "sample:NAME".
// kInvalid when it cannot be read or is not JSON.
base::Result<std::string> read_event_file(const std::string& file);

// Replaces the file at `path` with `text`; does nothing when `path` is empty. `what` names the
// contents in the error: "cli: write summary '/x': ...".
base::Status write_output_file(std::string_view what, const std::string& path,
                               std::string_view text);

}  // namespace phork::cli
