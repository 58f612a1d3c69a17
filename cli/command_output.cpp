// SPDX-License-Identifier: MIT
#include "cli/command_output.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <poll.h>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "runtime/base/io.h"

namespace phork::cli {

using base::Fd;

base::Result<std::unique_ptr<CommandOutput>> CommandOutput::open(packaging::Scratch& scratch,
                                                                 int target) {
  auto folder = scratch.make_folder();
  if (!folder) return folder.error();
  // The runtime has a working directory of its own.
  std::string path = (std::filesystem::absolute(folder.value()) / "output").string();
  if (::mkfifo(path.c_str(), S_IRUSR | S_IWUSR) == -1) {
    return base::system_error("cli: make '" + path + "'", errno);
  }
  // A writer of our own: commands come and go, and no end of file says anything.
  Fd fifo(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!fifo.valid()) return base::system_error("cli: open '" + path + "'", errno);
  Fd stop(::eventfd(0, EFD_CLOEXEC));
  if (!stop.valid()) return base::system_error("cli: make eventfd", errno);
  return std::unique_ptr<CommandOutput>(
      new CommandOutput(std::move(path), target, std::move(fifo), std::move(stop)));
}

CommandOutput::CommandOutput(std::string path, int target, Fd fifo, Fd stop)
    : path_(std::move(path)),
      target_(target),
      fifo_(std::move(fifo)),
      stop_(std::move(stop)),
      copier_([this] { copy(); }) {}

CommandOutput::~CommandOutput() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t told = ::write(stop_.get(), &one, sizeof one);
  copier_.join();
}

void CommandOutput::copy() const {
  std::array<pollfd, 2> polled{{{fifo_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  while (polled[1].revents == 0) {
    base::poll_until(polled, base::kNoDeadline);
    copy_what_is_there();
  }
}

// A target that takes no more, such as a pipe whose reader has gone, does not stop the command.
void CommandOutput::copy_what_is_there() const {
  std::array<char, 64UL * 1024> buffer;
  ssize_t count = 0;
  while ((count = ::read(fifo_.get(), buffer.data(), buffer.size())) > 0) {
    std::array<iovec, 1> parts{
        base::as_iovec(std::string_view(buffer.data(), static_cast<std::size_t>(count)))};
    [[maybe_unused]] const base::Status written = base::write_all(target_, parts);
  }
}

}  // namespace phork::cli
