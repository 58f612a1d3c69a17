// SPDX-License-Identifier: MIT
#include "audit/runtime_program.h"

#include <chrono>
#include <memory>
#include <optional>
#include <unistd.h>
#include <utility>

#include "runtime/base/fd.h"
#include "runtime/base/read_to_end.h"
#include "runtime/process/spawn.h"

namespace phork::audit {

using base::Error;
using base::ErrorKind;
using base::Result;

Result<std::vector<StrategyName>> offered_strategies(const std::string& program) {
  constexpr std::chrono::seconds kTimeout{10};
  Result<base::FdPair> pipe = base::open_pipe();
  if (!pipe) return std::move(pipe).error();
  process::SpawnOptions options;
  options.program = program;
  options.arguments = {program, "--list-strategies"};
  options.environment = process::current_environment();
  options.descriptors = {{pipe->second.get(), STDOUT_FILENO}, {STDERR_FILENO, STDERR_FILENO}};
  Result<std::unique_ptr<process::Process>> spawned = process::Process::spawn(options);
  if (!spawned) return std::move(spawned).error();
  const std::unique_ptr<process::Process> process = std::move(spawned).value();
  pipe->second.reset();
  const base::Deadline deadline = std::chrono::steady_clock::now() + kTimeout;
  const std::string text = base::read_to_end(pipe->first.get(), deadline);
  const std::optional<process::ExitStatus> status = process->wait(deadline);
  if (status && status->clean()) return read_strategies(text);
  return Error{ErrorKind::kInvalid,
               "audit: list strategies of '" + program + "': expected exit code 0, got " +
                   (status ? status->describe() : std::string("no end within 10 s"))};
}

}  // namespace phork::audit
