// SPDX-License-Identifier: MIT
#include "bench/subjects/program_output.h"

#include <csignal>
#include <memory>
#include <optional>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/fd.h"
#include "runtime/base/read_to_end.h"
#include "runtime/process/spawn.h"

namespace phork::bench {
namespace {

using base::Result;

constexpr int kOutputFd = 3;

std::string contents(int fd) {
  ::lseek(fd, 0, SEEK_SET);
  return base::read_to_end(fd);
}

}  // namespace

Result<ProgramOutput> run_to_end(const std::vector<std::string>& arguments,
                                 std::chrono::seconds timeout) {
  Result<base::FdPair> pipe = base::open_pipe();
  if (!pipe) return std::move(pipe).error();
  const base::Fd file(base::check(::memfd_create("output", MFD_CLOEXEC), "bench: memfd_create"));
  process::SpawnOptions options;
  options.program = arguments.front();
  options.arguments = arguments;
  options.environment = process::current_environment();
  options.descriptors = {{pipe->second.get(), STDOUT_FILENO},
                         {pipe->second.get(), STDERR_FILENO},
                         {file.get(), kOutputFd}};
  Result<std::unique_ptr<process::Process>> spawned = process::Process::spawn(options);
  if (!spawned) return std::move(spawned).error();
  const std::unique_ptr<process::Process> process = std::move(spawned).value();
  pipe->second.reset();
  const base::Deadline deadline = std::chrono::steady_clock::now() + timeout;
  ProgramOutput output{base::read_to_end(pipe->first.get(), deadline), {}, {}};
  const std::optional<process::ExitStatus> status = process->wait(deadline);
  output.file = contents(file.get());
  if (!status || !status->clean()) {
    output.ended = status ? status->describe() : std::string("it did not end in time");
  }
  return output;
}

}  // namespace phork::bench
