// SPDX-License-Identifier: MIT
#include "strategies/fpm_entry_kind.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>

#include "runtime/base/poll.h"
#include "runtime/process/spawn.h"

namespace phork::strategies {
namespace {

using base::EntryKind;
using base::Error;
using base::ErrorKind;
using base::Result;

// What the program printed, up to its end or the deadline.
std::string read_all(const base::Fd& pipe, base::Deadline deadline) {
  std::string text;
  std::array<char, 64> part{};
  while (base::wait_readable(pipe.get(), deadline)) {
    const ssize_t bytes = ::read(pipe.get(), part.data(), part.size());
    if (bytes == -1 && errno == EINTR) continue;
    if (bytes <= 0) break;
    text.append(part.data(), static_cast<std::size_t>(bytes));
  }
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

Result<EntryKind> find_entry_kind(const Settings& settings) {
  if (!settings.entry_function.empty()) return EntryKind::kHandler;
  if (settings.entry_kind != EntryKind::kAuto) return settings.entry_kind;
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) == -1) {
    return base::system_error("strategies: open a pipe to php-worker", errno);
  }
  const base::Fd reader(ends[0]);
  base::Fd writer(ends[1]);
  process::SpawnOptions options;
  options.program = settings.worker_path;
  options.arguments = {"php-worker", "--entry-kind"};
  options.environment = process::current_environment();
  options.descriptors = {{writer.get(), STDOUT_FILENO}, {STDERR_FILENO, STDERR_FILENO}};
  const auto process = process::Process::spawn(options);
  if (!process) return process.error();
  writer.reset();
  const auto deadline = std::chrono::steady_clock::now() + settings.boot_timeout;
  const std::string word = read_all(reader, deadline);
  const auto kind = base::parse_entry_kind(word);
  if (kind && *kind != EntryKind::kAuto) return *kind;
  return Error{ErrorKind::kInvalid,
               "strategies: ask php-worker what the entry is: expected handler or script, got " +
                   std::to_string(word.size()) + " bytes"};
}

}  // namespace phork::strategies
