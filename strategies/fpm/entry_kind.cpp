// SPDX-License-Identifier: MIT
#include "strategies/fpm/entry_kind.h"

#include <chrono>
#include <string>
#include <unistd.h>
#include <utility>

#include "runtime/base/fd.h"
#include "runtime/base/read_to_end.h"
#include "runtime/process/spawn.h"

namespace phork::strategies {

using base::Error;
using base::ErrorKind;
using base::Result;
using event::EntryKind;

Result<EntryKind> find_entry_kind(const Settings& settings) {
  if (!settings.entry_function.empty()) return EntryKind::kHandler;
  if (settings.entry_kind != EntryKind::kAuto) return settings.entry_kind;
  auto pipe = base::open_pipe();
  if (!pipe) return std::move(pipe).error();
  process::SpawnOptions options;
  options.program = settings.worker_path;
  options.arguments = {"php-worker", "--entry-kind"};
  options.environment = process::current_environment();
  options.descriptors = {{pipe->second.get(), STDOUT_FILENO}, {STDERR_FILENO, STDERR_FILENO}};
  const auto process = process::Process::spawn(options);
  if (!process) return process.error();
  pipe->second.reset();
  const auto deadline = std::chrono::steady_clock::now() + settings.boot_timeout;
  std::string word = base::read_to_end(pipe->first.get(), deadline);
  while (word.ends_with('\n')) word.pop_back();
  const auto kind = event::parse_entry_kind(word);
  if (kind && *kind != EntryKind::kAuto) return *kind;
  return Error{ErrorKind::kInvalid,
               "strategies: ask php-worker what the entry is: expected handler or script, got " +
                   std::to_string(word.size()) + " bytes"};
}

}  // namespace phork::strategies
